#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "alloc/os/errno_keeper.h"
#include "alloc/os/raw_io.h"
#include "alloc/os/thread_state.h"

namespace dbgalloc::os {
namespace {

// As getdents64 writes it.
struct DirectoryEntry {
  uint64_t inode;
  int64_t offset;
  uint16_t size;
  uint8_t type;
  char name[];
};

// 0: the name is no number.
int ParseId(const char* name) {
  int id = 0;
  for (; *name >= '0' && *name <= '9'; ++name) id = id * 10 + (*name - '0');
  return *name == '\0' ? id : 0;
}

// Reads "/proc/self/task/<id>/<file>" and terminates it. False: refused.
bool ReadTaskFile(int kernel_id, const char* file, char* buffer,
                  size_t capacity) {
  char digits[12];
  int count = 0;
  do {
    digits[count++] = static_cast<char>('0' + kernel_id % 10);
    kernel_id /= 10;
  } while (kernel_id != 0);
  char path[64];
  char* out = stpcpy(path, "/proc/self/task/");
  while (count > 0) *out++ = digits[--count];
  *out++ = '/';
  strcpy(out, file);
  const int descriptor = OpenForReading(path);
  if (descriptor < 0) return false;
  const ptrdiff_t size = ReadSome(descriptor, buffer, capacity - 1);
  Close(descriptor);
  if (size <= 0) return false;
  buffer[size] = '\0';
  return true;
}

// What follows a label such as "\nSigBlk:\t"; null: it is not there.
const char* After(const char* text, const char* label) {
  const char* found = strstr(text, label);
  return found == nullptr ? nullptr : found + strlen(label);
}

// "202 0x7f01 0x80 ... 0x7ffd 0x7f02": the call's number, its arguments, the
// stack pointer, the program counter. "-1 0x7ffd 0x7f02": asleep elsewhere.
// "running": it is not asleep.
void ParseSystemCall(const char* text, ThreadState* state) {
  if (*text != '-' && (*text < '0' || *text > '9')) return;
  char* rest;
  const long number = strtol(text, &rest, 0);
  state->in_system_call = number >= 0;
  state->waits_for_signals = number == SYS_rt_sigtimedwait;
  if (state->in_system_call) {
    for (uintptr_t& argument : state->arguments) {
      argument = strtoul(rest, &rest, 16);
    }
  }
  state->stack_pointer = strtoul(rest, &rest, 16);
}

}  // namespace

bool ForEachThread(void (*visit)(void* context, int kernel_id), void* context) {
  ErrnoKeeper keeper;
  const int directory = OpenForReading("/proc/self/task");
  if (directory < 0) return false;
  alignas(8) char buffer[4096];
  for (;;) {
    const long got = syscall(SYS_getdents64, directory, buffer, sizeof(buffer));
    if (got <= 0) break;
    for (long at = 0; at < got;) {
      const auto* entry = reinterpret_cast<const DirectoryEntry*>(buffer + at);
      const int id = ParseId(entry->name);
      if (id != 0) visit(context, id);
      at += entry->size;
    }
  }
  Close(directory);
  return true;
}

bool ReadThreadState(int kernel_id, ThreadState* state) {
  ErrnoKeeper keeper;
  *state = ThreadState();
  char text[4096];
  if (!ReadTaskFile(kernel_id, "status", text, sizeof(text))) return false;
  const char* letter = After(text, "\nState:\t");
  if (letter != nullptr) state->state = *letter;
  const char* mask = After(text, "\nSigBlk:\t");
  if (mask != nullptr) state->blocked_signals = strtoul(mask, nullptr, 16);
  if (ReadTaskFile(kernel_id, "syscall", text, sizeof(text))) {
    ParseSystemCall(text, state);
  }
  return true;
}

}  // namespace dbgalloc::os
