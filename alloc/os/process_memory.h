// What the kernel knows of this process's memory, and how much it allows. Read
// from its files: never on a hot path.
//
// Every function is async-signal-safe, never calls malloc, and leaves errno as
// it was.
#ifndef DBGALLOC_ALLOC_OS_PROCESS_MEMORY_H_
#define DBGALLOC_ALLOC_OS_PROCESS_MEMORY_H_

#include <cstddef>
#include <string_view>

namespace dbgalloc::os {

// Mappings that the process has; 0: not known.
size_t MappingCount();

// Mappings that the kernel allows a process; SIZE_MAX: not known.
size_t MappingLimit();

// Bytes of the whole process that are resident; 0: not known.
size_t ProcessResidentBytes();

// Bytes that the process's control group may hold, of version 1 or 2, the
// tightest of the groups that it is in; SIZE_MAX: no limit is set.
size_t ControlGroupLimit();

// Bytes of memory that the machine has; SIZE_MAX: not known.
size_t MachineMemory();

// The same on any tree of files, for tests, where groups are files:
// `membership` is the text of /proc/self/cgroup, `root` the folder in which the
// groups are mounted.
size_t ControlGroupLimitIn(std::string_view root, std::string_view membership);

}  // namespace dbgalloc::os

#endif  // DBGALLOC_ALLOC_OS_PROCESS_MEMORY_H_
