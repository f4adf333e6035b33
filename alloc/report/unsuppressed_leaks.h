// Takes the suppressed groups out of a leak report.
#ifndef DBGALLOC_ALLOC_REPORT_UNSUPPRESSED_LEAKS_H_
#define DBGALLOC_ALLOC_REPORT_UNSUPPRESSED_LEAKS_H_

#include <cstddef>

#include "alloc/report/frame_source.h"
#include "alloc/report/suppression_source.h"
#include "dbgalloc/error_sink.h"
#include "dbgalloc/options.h"

namespace dbgalloc::report {

// A copy of a report without the groups that a rule covers, in pages of its
// own. What was covered is counted at the rules. Where no rule is about leaks,
// or the kernel has no pages, it is the report as it was.
class UnsuppressedLeaks {
 public:
  UnsuppressedLeaks(const LeakReport& report, const Options& options,
                    ProcessSuppressions& suppressions, FrameSource& frames);
  ~UnsuppressedLeaks();
  UnsuppressedLeaks(const UnsuppressedLeaks&) = delete;
  UnsuppressedLeaks& operator=(const UnsuppressedLeaks&) = delete;

  const LeakReport& report() const { return report_; }

 private:
  LeakReport report_;
  LeakGroup* kept_ = nullptr;
  size_t kept_bytes_ = 0;
};

}  // namespace dbgalloc::report

#endif  // DBGALLOC_ALLOC_REPORT_UNSUPPRESSED_LEAKS_H_
