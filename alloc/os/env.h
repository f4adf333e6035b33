// The process's surroundings, read without the C library's locks and without
// allocating; usable before any constructor has run.
#ifndef DBGALLOC_ALLOC_OS_ENV_H_
#define DBGALLOC_ALLOC_OS_ENV_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace dbgalloc::os {

// False while the C library has not yet been told of the environment: very
// early in the start of a process, when GetEnv finds nothing.
bool EnvironmentIsKnown();

// False in a fully static program: there, the C library sets itself up after
// main's caller has been entered, and calls malloc meanwhile.
bool HasDynamicLinker();

// Where the dynamic linker lies in memory, from its first byte to behind its
// last; empty where there is none.
struct AddressRange {
  uintptr_t begin = 0;
  uintptr_t end = 0;
};
AddressRange DynamicLinkerRange();

// The value of an environment variable, or null. Points into the environment.
const char* GetEnv(const char* name);

// True in a set-user-id or otherwise privileged program, where variables and
// files named by the user must not be obeyed.
bool IsSecureExecution();

// Absolute path of the running program; "" when it cannot be told (no /proc).
// Valid for the life of the process.
std::string_view ProgramPath();

// What to open in order to read the running program; it need not be its path.
const char* ProgramFile();

// Last component of ProgramPath().
std::string_view ProgramName();

// The name that the program was executed by, perhaps a link; a relative one
// counts from the folder that the process began in.
std::string_view ExecutedPath();

// Last component of the name that the program was executed by, which the kernel
// gives to the first thread; differs from ProgramName() for links and scripts.
std::string_view ExecutedName();

int ProcessId();

}  // namespace dbgalloc::os

#endif  // DBGALLOC_ALLOC_OS_ENV_H_
