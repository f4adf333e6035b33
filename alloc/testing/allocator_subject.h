// A function that allocates from the Allocator it is given.
#ifndef DBGALLOC_ALLOC_TESTING_ALLOCATOR_SUBJECT_H_
#define DBGALLOC_ALLOC_TESTING_ALLOCATOR_SUBJECT_H_

#include <optional>
#include <string>

#include "alloc/testing/failure_subject.h"
#include "dbgalloc/debug_allocator.h"
#include "dbgalloc/error_sink.h"
#include "dbgalloc/failing_allocator.h"

namespace dbgalloc {

// FailingAllocator over DebugAllocator, the same ones for as long as they are
// empty and sound after each run.
class AllocatorSubject final : public FailureSubject {
 public:
  // `function` must outlive this.
  explicit AllocatorSubject(const AllocatingFunction& function);
  ~AllocatorSubject() override;

  RunFacts Run(const std::optional<FailurePoint>& point) override;
  std::string FailureStack() const override;

 private:
  // Collects in place of reporting.
  class Collector final : public ErrorSink {
   public:
    void OnError(const ErrorRecord& record) override;
    void OnLeaks(const LeakReport& report) override;

    std::string errors;
    std::string leaks;
  };

  void Renew();

  const AllocatingFunction& function_;
  Collector collector_;
  std::optional<DebugAllocator> checked_;
  std::optional<FailingAllocator> failing_once_;
  std::optional<FailingAllocator> failing_from_;
  InducedFailure failure_;
};

}  // namespace dbgalloc

#endif  // DBGALLOC_ALLOC_TESTING_ALLOCATOR_SUBJECT_H_
