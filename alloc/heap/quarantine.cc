#include "alloc/heap/quarantine.h"

namespace dbgalloc::heap {
namespace {

// Without a call into the compiler's library, as the builtin makes it on
// machines that may lack the instruction.
size_t CountBits(uint32_t bits) {
  size_t count = 0;
  for (; bits != 0; bits &= bits - 1) ++count;
  return count;
}

// What a span's idle granules hold; large spans count their whole size.
size_t BytesOf(const Span& span, uint32_t granules) {
  return span.size / CountBits(span.all_granules) * CountBits(granules);
}

}  // namespace

void Quarantine::Append(Span* span) {
  span->queued = true;
  span->queue_next = nullptr;
  (last_ == nullptr ? first_ : last_->queue_next) = span;
  last_ = span;
}

void Quarantine::Hold(Span* span, uint32_t granules) {
  base::SpinLockHolder holder(lock_);
  span->idle_granules |= granules;
  held_bytes_.store(held_bytes() + BytesOf(*span, granules),
                    std::memory_order_relaxed);
  if (!span->queued) Append(span);
}

Leaving Quarantine::Pop(size_t limit) {
  if (held_bytes() <= limit) return {};
  base::SpinLockHolder holder(lock_);
  Span* span = first_;
  if (span == nullptr || held_bytes() <= limit) return {};
  // A claimed span stays first in the queue: its turn comes again.
  if (!span->TryClaim()) return {};
  first_ = span->queue_next;
  if (first_ == nullptr) last_ = nullptr;
  span->queued = false;
  uint32_t granules = span->idle_granules & ~span->released_granules;
  held_bytes_.store(held_bytes() - BytesOf(*span, granules),
                    std::memory_order_relaxed);
  return {span, granules};
}

bool Quarantine::Finish(const Leaving& leaving) {
  base::SpinLockHolder holder(lock_);
  leaving.span->released_granules |= leaving.granules;
  return leaving.span->released_granules == leaving.span->all_granules;
}

}  // namespace dbgalloc::heap
