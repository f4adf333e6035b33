// Tells which blocks of a MemoryTracker are still held, by file and line.
//
//   static dbgalloc::MemoryTracker memory(dbgalloc::SystemPages());
//   static dbgalloc::LeakReporter reporter(memory,
//                                          dbgalloc::ReportWhen::kAtExit);
#ifndef DBGALLOC_ALLOC_LEAK_REPORTER_H_
#define DBGALLOC_ALLOC_LEAK_REPORTER_H_

#include <cstddef>

#include "dbgalloc/memory_tracker.h"

namespace dbgalloc {

enum class ReportWhen {
  kOnRequest,
  kAtExit,  // at destruction: of a static reporter, when the program exits
};

enum class ReportDetail {
  kBrief,    // one line a place, the one with most bytes first
  kVerbose,  // and one line a block, in order of allocation
};

// Writes with plain system calls, to standard error unless told otherwise: safe
// in late destructors, in a forked child, and where memory has run out (then
// the first 64 blocks are listed). No report when nothing is held.
//
// Threads: Report() may run while others allocate; what they change meanwhile
// may be in it or not.
// Cost: a copy of all tracked blocks, sorted.
class LeakReporter {
 public:
  template <bool kTracking>
  explicit LeakReporter(const BasicMemoryTracker<kTracking>& tracker,
                        ReportWhen when = ReportWhen::kOnRequest,
                        ReportDetail detail = ReportDetail::kBrief,
                        int descriptor = 2)
      : blocks_(tracker.tracked_blocks()),
        when_(when),
        detail_(detail),
        descriptor_(descriptor) {}
  ~LeakReporter();
  LeakReporter(const LeakReporter&) = delete;
  LeakReporter& operator=(const LeakReporter&) = delete;

  // Returns how many blocks are held; 0: nothing was written.
  size_t Report() const;

 private:
  const TrackedBlocks* blocks_;  // null: tracking is left out of the build
  ReportWhen when_;
  ReportDetail detail_;
  int descriptor_;
};

}  // namespace dbgalloc

#endif  // DBGALLOC_ALLOC_LEAK_REPORTER_H_
