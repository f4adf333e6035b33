#include "alloc/testing/failure_subject.h"

#include <exception>
#include <new>

namespace dbgalloc {

void RunGuarded(const std::function<bool()>& call,
                const std::function<void()>& settle, RunFacts* facts) {
  try {
    facts->ending = call() ? RunEnding::kSuccess : RunEnding::kFailure;
    settle();
  } catch (const std::bad_alloc&) {
    settle();
    facts->ending = RunEnding::kBadAlloc;
  } catch (const std::exception& exception) {
    settle();
    facts->ending = RunEnding::kException;
    facts->exception = exception.what();
  } catch (...) {
    settle();
    facts->ending = RunEnding::kException;
    facts->exception = "an exception that is no std::exception";
  }
}

}  // namespace dbgalloc
