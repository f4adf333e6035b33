// The made-up process that the sample reports are about.
#ifndef DBGALLOC_ALLOC_REPORT_SAMPLE_PROCESS_H_
#define DBGALLOC_ALLOC_REPORT_SAMPLE_PROCESS_H_

#include <cstdint>

namespace dbgalloc::report {

// Stack ids.
enum : uint32_t {
  kNoStack = 0,
  kAllocateStack = 1,
  kFirstFreeStack = 2,
  kSecondFreeStack = 3,
  kWorkerStack = 4,
  kExitStack = 5,
  kPlainStack = 6,  // without symbols
};

}  // namespace dbgalloc::report

#endif  // DBGALLOC_ALLOC_REPORT_SAMPLE_PROCESS_H_
