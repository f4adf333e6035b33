#include <limits.h>
#include <link.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include <atomic>

#include "alloc/os/env.h"
#include "alloc/os/errno_keeper.h"

extern "C" char** environ;

namespace dbgalloc::os {
namespace {

// The path is read once; a second reader at the same time writes the same
// bytes into a buffer of its own turn.
constinit char program_path[PATH_MAX] = {};
constinit std::atomic<int> program_path_state{0};  // 0 unread, 1 busy, 2 read

void ReadProgramPath() {
  ErrnoKeeper keeper;
  ssize_t size =
      readlink("/proc/self/exe", program_path, sizeof(program_path) - 1);
  if (size > 0) {
    program_path[size] = '\0';
    return;
  }
  const char* executed = reinterpret_cast<const char*>(getauxval(AT_EXECFN));
  if (executed == nullptr) return;
  strncpy(program_path, executed, sizeof(program_path) - 1);
}

std::string_view LastComponent(std::string_view path) {
  for (size_t i = path.size(); i > 0; --i) {
    if (path[i - 1] == '/') return {path.data() + i, path.size() - i};
  }
  return path;
}

}  // namespace

bool EnvironmentIsKnown() { return environ != nullptr; }

bool HasDynamicLinker() { return getauxval(AT_BASE) != 0; }

AddressRange DynamicLinkerRange() {
  const uintptr_t base = getauxval(AT_BASE);
  if (base == 0) return {};
  const auto* file = reinterpret_cast<const ElfW(Ehdr)*>(base);
  const auto* headers =
      reinterpret_cast<const ElfW(Phdr)*>(base + file->e_phoff);
  uintptr_t end = base;
  for (size_t i = 0; i < file->e_phnum; ++i) {
    if (headers[i].p_type != PT_LOAD) continue;
    end = base + headers[i].p_vaddr + headers[i].p_memsz;  // in rising order
  }
  return {base, end};
}

const char* GetEnv(const char* name) {
  if (environ == nullptr) return nullptr;
  size_t size = strlen(name);
  for (char** entry = environ; *entry != nullptr; ++entry) {
    if (strncmp(*entry, name, size) == 0 && (*entry)[size] == '=') {
      return *entry + size + 1;
    }
  }
  return nullptr;
}

bool IsSecureExecution() { return getauxval(AT_SECURE) != 0; }

std::string_view ProgramPath() {
  int expected = 0;
  if (program_path_state.compare_exchange_strong(expected, 1)) {
    ReadProgramPath();
    program_path_state.store(2, std::memory_order_release);
  }
  if (program_path_state.load(std::memory_order_acquire) != 2) return {};
  return {program_path, strlen(program_path)};
}

// Finds it also where it was replaced or deleted.
const char* ProgramFile() { return "/proc/self/exe"; }

std::string_view ProgramName() { return LastComponent(ProgramPath()); }

std::string_view ExecutedPath() {
  const char* path = reinterpret_cast<const char*>(getauxval(AT_EXECFN));
  return path == nullptr ? std::string_view() : std::string_view(path);
}

std::string_view ExecutedName() { return LastComponent(ExecutedPath()); }

int ProcessId() { return getpid(); }

}  // namespace dbgalloc::os
