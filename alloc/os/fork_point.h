// A process that goes its own way from any point of a program, while the
// program goes on as if nothing had happened: forked without atfork handlers,
// as a child of the program's parent, with files of its own, and unable to
// change anything outside.
#ifndef DBGALLOC_ALLOC_OS_FORK_POINT_H_
#define DBGALLOC_ALLOC_OS_FORK_POINT_H_

#include <cstddef>
#include <cstdint>

namespace dbgalloc::os {

// Where the program's standard output and error were captured.
struct CapturedOutput {
  uint64_t device = 0;
  uint64_t output_inode = 0;
  uint64_t error_inode = 0;
};

// What two processes could not have both.
enum class ForkHazard : uint8_t {
  kNone,
  kThread,
  kFile,
  kChannel,
  kLock,
  kMapping,
};

// How the process stands now.
struct ForkView {
  ForkHazard hazard = ForkHazard::kNone;
  uint64_t output_size = 0;  // captured so far
  uint64_t error_size = 0;
};

// Looks at threads, open files and shared memory; `own_mapping` is ours and
// does not count.
ForkView LookBeforeFork(const CapturedOutput& captured,
                        const void* own_mapping);

// 0 in the new process, its id in the program, -1 where the kernel refuses. The
// parent of the new process is that of the program.
int ForkAside();

// In the new process: a process group of its own, death with its parent, own
// descriptions of the files that are read, output into two new files.
bool StandApart(const CapturedOutput& captured, const char* output_path,
                const char* error_path);

// In the new process: `on_effect` is called in place of system calls that
// change the file system, start programs, connect, or signal others; it must
// not return. False: the kernel has no such filter.
bool RefuseEffects(void (*on_effect)());

// Waits while `*place` is `value`; it may return early.
void WaitWhileEqual(const void* place, int32_t value);

}  // namespace dbgalloc::os

#endif  // DBGALLOC_ALLOC_OS_FORK_POINT_H_
