// The part of ThreadStop that goes by ptrace.
#include "alloc/os/clock.h"
#include "alloc/os/pages.h"
#include "alloc/os/thread_state.h"
#include "alloc/os/thread_stop.h"
#include "alloc/os/thread_stop_slot.h"

namespace dbgalloc::os {

void ThreadStop::ReleaseTraced() {
  if (traced_ == nullptr) return;
  ReleasePages(traced_, Slot::kMost * sizeof(TracedThread));
}

bool ThreadStop::StopByPtrace(uint64_t deadline) {
  traced_ = static_cast<TracedThread*>(
      MapPages(Slot::kMost * sizeof(TracedThread), PageSize()));
  if (traced_ == nullptr || !tracer_.Start(traced_)) return false;
  do {
    const size_t before = count_;
    found_now_ = 0;
    if (!ForEachThread(&Visit, this) || !tracer_.Stop(count_, deadline)) {
      tracer_.End();
      return false;
    }
    for (size_t i = before; i < count_; ++i) TakeOver(i);
  } while (found_now_ != 0 && MonotonicNanoseconds() < deadline);
  return true;
}

// What the tracer knows of a thread.
void ThreadStop::TakeOver(size_t index) {
  const TracedThread& traced = traced_[index];
  OtherThread& thread = slots_[index].thread;
  switch (traced.state) {
    case TracedThread::State::kGone:
      slots_[index].state.store(Slot::kGone);
      return;
    case TracedThread::State::kStopped:
      break;
    default:
      thread.outcome = StopOutcome::kNoAnswer;
      slots_[index].state.store(Slot::kSettled);
      return;
  }
  thread.stack_pointer = traced.stack_pointer;
  thread.descriptor = traced.descriptor;
  thread.registers_begin = reinterpret_cast<uintptr_t>(traced.general);
  thread.registers_end = thread.registers_begin + traced.general_size;
  thread.vectors_begin = reinterpret_cast<uintptr_t>(traced.vectors);
  thread.vectors_end = thread.vectors_begin + traced.vector_size;
  slots_[index].state.store(Slot::kAnswered);
}

}  // namespace dbgalloc::os
