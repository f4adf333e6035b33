#include "alloc/debug/operation_watch.h"

namespace dbgalloc::debug {

void OperationWatch::Init(const Options& options, HashStack hash_stack) {
  hash_stack_ = hash_stack;
  // What is set in code may be anything; it then selects nothing.
  break_at_.Parse(options.break_at);
  trace_.Parse(options.trace_alloc);
  has_window_ = window_.Parse(options.bisect);
}

NamedEvent OperationWatch::Name(const HeapEvent& event) const {
  NamedEvent named;
  named.number = event.number;
  const bool wants_hash = break_at_.has_hashes() || trace_.has_hashes();
  if (wants_hash && hash_stack_ != nullptr && event.stack != 0) {
    named.stack_hash = hash_stack_(event.stack);
  }
  return named;
}

bool OperationWatch::Breaks(const NamedEvent& now) const {
  return break_at_.Holds(now.number, now.stack_hash);
}

bool OperationWatch::Traces(const NamedEvent& now,
                            const NamedEvent& allocated) const {
  return trace_.Holds(now.number, now.stack_hash) ||
         trace_.Holds(allocated.number, allocated.stack_hash);
}

CheckedBlocks OperationWatch::CheckedWhen(bool on) const {
  if (!on) return CheckedBlocks::kNone;
  return has_window_ ? CheckedBlocks::kInWindow : CheckedBlocks::kAll;
}

bool OperationWatch::InWindow(uint32_t allocation_stack) const {
  if (hash_stack_ == nullptr) return window_.Holds(0);
  return window_.Holds(hash_stack_(allocation_stack));
}

}  // namespace dbgalloc::debug
