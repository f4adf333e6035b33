// Plain code whose malloc dbgalloc serves.
#ifndef DBGALLOC_ALLOC_TESTING_PROCESS_SUBJECT_H_
#define DBGALLOC_ALLOC_TESTING_PROCESS_SUBJECT_H_

#include <functional>
#include <optional>
#include <string>

#include "alloc/testing/failure_subject.h"

namespace dbgalloc {

class ProcessSubject final : public FailureSubject {
 public:
  // `function` must outlive this.
  explicit ProcessSubject(const std::function<bool()>& function)
      : function_(function) {}

  std::string Obstacle() const override;
  RunFacts Run(const std::optional<FailurePoint>& point) override;
  RunFacts RunAgainForLeaks(const FailurePoint& point) override;
  std::string FailureStack() const override;

 private:
  const std::function<bool()>& function_;
  uint32_t failure_stack_ = 0;
};

}  // namespace dbgalloc

#endif  // DBGALLOC_ALLOC_TESTING_PROCESS_SUBJECT_H_
