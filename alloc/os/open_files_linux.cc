#include <dirent.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "alloc/os/open_files.h"

namespace dbgalloc::os {
namespace {

// The number that a name spells; -1 for "." and "..".
int NumberOf(const char* name) {
  int number = 0;
  for (; *name != '\0'; ++name) {
    if (*name < '0' || *name > '9') return -1;
    number = number * 10 + (*name - '0');
  }
  return number;
}

}  // namespace

bool ForEachOpenFile(void (*visit)(void* context, int descriptor),
                     void* context) {
  const int folder = open("/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return false;
  alignas(dirent64) char entries[4096];
  for (;;) {
    const long size = syscall(SYS_getdents64, folder, entries, sizeof(entries));
    if (size <= 0) {
      close(folder);
      return size == 0;
    }
    for (long at = 0; at < size;) {
      const auto* entry = reinterpret_cast<const dirent64*>(entries + at);
      const int descriptor = NumberOf(entry->d_name);
      if (descriptor >= 0 && descriptor != folder) visit(context, descriptor);
      at += entry->d_reclen;
    }
  }
}

}  // namespace dbgalloc::os
