#include <stdlib.h>
#include <string.h>

#include <atomic>

#include "alloc/os/env.h"
#include "alloc/os/windows_api.h"

namespace dbgalloc::os {
namespace {

constexpr size_t kLongestPath = 32768;

// Read once; whoever comes while it is being read is told nothing.
constinit char program_path[kLongestPath] = {};
constinit std::atomic<int> program_path_state{0};  // 0 unread, 1 busy, 2 read

std::string_view LastComponent(std::string_view path) {
  for (size_t i = path.size(); i > 0; --i) {
    const char c = path[i - 1];
    if (c == '/' || c == '\\') return {path.data() + i, path.size() - i};
  }
  return path;
}

}  // namespace

// The C library reads the environment before any code of the program runs.
bool EnvironmentIsKnown() { return _environ != nullptr; }

bool HasDynamicLinker() { return true; }

AddressRange DynamicLinkerRange() { return {}; }

const char* GetEnv(const char* name) {
  if (_environ == nullptr) return nullptr;
  const size_t size = strlen(name);
  for (char** entry = _environ; *entry != nullptr; ++entry) {
    if (strncmp(*entry, name, size) == 0 && (*entry)[size] == '=') {
      return *entry + size + 1;
    }
  }
  return nullptr;
}

// Programs do not have rights that their user has not given them.
bool IsSecureExecution() { return false; }

std::string_view ProgramPath() {
  int unread = 0;
  if (program_path_state.compare_exchange_strong(unread, 1)) {
    LastErrorKeeper keeper;
    const DWORD size =
        GetModuleFileNameA(nullptr, program_path, kLongestPath - 1);
    program_path[size] = '\0';
    program_path_state.store(2, std::memory_order_release);
  }
  if (program_path_state.load(std::memory_order_acquire) != 2) return {};
  return {program_path, strlen(program_path)};
}

const char* ProgramFile() {
  const std::string_view path = ProgramPath();
  return path.empty() ? "" : path.data();
}

std::string_view ProgramName() { return LastComponent(ProgramPath()); }

// A program is not executed by another name than its file's.
std::string_view ExecutedPath() { return ProgramPath(); }

std::string_view ExecutedName() { return ProgramName(); }

int ProcessId() { return static_cast<int>(GetCurrentProcessId()); }

}  // namespace dbgalloc::os
