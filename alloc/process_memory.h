// Memory for the whole process through one allocator that can be exchanged: a
// pool unless another one is set.
//
//   dbgalloc::EnableLeakDetection();
//   void* block = dbgalloc::AllocateMemory(24);     // this file, this line
//   dbgalloc::ReleaseMemory(block, 24);
//   dbgalloc::ReportProcessLeaks();
#ifndef DBGALLOC_ALLOC_PROCESS_MEMORY_H_
#define DBGALLOC_ALLOC_PROCESS_MEMORY_H_

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>

#include "dbgalloc/allocator.h"
#include "dbgalloc/call_site.h"
#include "dbgalloc/leak_reporter.h"

namespace dbgalloc {

// The allocator that serves now. Blocks that are taken from it directly are not
// counted and not tracked.
Allocator& ProcessAllocator();

// From now on `allocator`, which must outlive its use, serves. False: refused,
// since blocks are live that the one before has to take back. Null: the
// process's pool again. Not while other threads allocate.
bool SetProcessAllocator(Allocator* allocator);

// Null: refused.
void* TryAllocateMemory(size_t size,
                        size_t alignment = alignof(std::max_align_t),
                        CallSite site = CallSite::Current());

// As TryAllocateMemory(), but a refusal throws std::bad_alloc; where exceptions
// are off, the program aborts.
inline void* AllocateMemory(size_t size,
                            size_t alignment = alignof(std::max_align_t),
                            CallSite site = CallSite::Current()) {
  void* block = TryAllocateMemory(size, alignment, site);
  if (block != nullptr) return block;
#if defined(__cpp_exceptions)
  throw std::bad_alloc();
#else
  std::abort();
#endif
}

// `size` and `alignment` as they were asked for. Null: nothing happens.
void ReleaseMemory(void* block, size_t size,
                   size_t alignment = alignof(std::max_align_t));

// While it is on, each block is remembered with the place that asked for it.
// Off at first. Blocks of the time before are not known.
void EnableLeakDetection();
void DisableLeakDetection();
bool LeakDetectionIsEnabled();

// Writes what is remembered and still live to `descriptor`. Returns how many
// blocks that is; 0: nothing was written.
size_t ReportProcessLeaks(ReportDetail detail = ReportDetail::kBrief,
                          int descriptor = 2);

struct ProcessMemoryUsage {
  uint64_t blocks = 0;
  uint64_t bytes = 0;  // as asked for
};
ProcessMemoryUsage CurrentProcessMemoryUsage();

}  // namespace dbgalloc

#endif  // DBGALLOC_ALLOC_PROCESS_MEMORY_H_
