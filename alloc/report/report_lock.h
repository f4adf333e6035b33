// One report at a time, in a process that may fork at any moment.
#ifndef DBGALLOC_ALLOC_REPORT_REPORT_LOCK_H_
#define DBGALLOC_ALLOC_REPORT_REPORT_LOCK_H_

#include <atomic>

namespace dbgalloc::report {

// Held for as long as a report takes, so waiting gives the processor away. A
// child that was forked while another thread of its parent held the lock takes
// it over: that thread does not exist there. So no fork handler is needed.
class ReportLock {
 public:
  constexpr ReportLock() = default;
  ReportLock(const ReportLock&) = delete;
  ReportLock& operator=(const ReportLock&) = delete;

  void Lock();
  void Unlock() { owner_process_.store(0, std::memory_order_release); }

 private:
  std::atomic<int> owner_process_{0};  // 0: free
};

}  // namespace dbgalloc::report

#endif  // DBGALLOC_ALLOC_REPORT_REPORT_LOCK_H_
