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
  span->queue_previous = last_;
  (last_ == nullptr ? first_ : last_->queue_next) = span;
  last_ = span;
}

void Quarantine::Remove(Span* span) {
  span->queued = false;
  (span == first_ ? first_ : span->queue_previous->queue_next) =
      span->queue_next;
  (span == last_ ? last_ : span->queue_next->queue_previous) =
      span->queue_previous;
}

void Quarantine::Hold(Span* span, uint32_t granules) {
  base::SpinLockHolder holder(lock_);
  span->idle_granules |= granules;
  if (span->idle_granules == span->all_granules) ++span->chunk->idle_count;
  held_bytes_.store(held_bytes() + BytesOf(*span, granules),
                    std::memory_order_relaxed);
  if (!span->queued) Append(span);
}

// The span is claimed. If all of it leaves, its chunk is in pieces from now on.
Leaving Quarantine::Take(Span* span) {
  Remove(span);
  if (span->idle_granules == span->all_granules) --span->chunk->idle_count;
  uint32_t granules = span->idle_granules & ~span->released_granules;
  held_bytes_.store(held_bytes() - BytesOf(*span, granules),
                    std::memory_order_relaxed);
  return {span, granules};
}

// A chunk is taken if it is small beside what is held, so that the rest may
// stay as long as it would.
bool Quarantine::TryTakeChunk(Chunk* chunk) {
  if (chunk->idle_count != chunk->span_count || chunk->span_count == 1 ||
      chunk->size > limit_ / 16) {
    return false;
  }
  for (Span* span = chunk->spans; span != nullptr; span = span->chunk_next) {
    if (!span->queued || !span->is_small || !span->is_idle_whole())
      return false;
  }
  for (Span* span = chunk->spans; span != nullptr; span = span->chunk_next) {
    if (span->TryClaim()) continue;
    for (Span* claimed = chunk->spans; claimed != span;
         claimed = claimed->chunk_next) {
      claimed->Unclaim();
    }
    return false;
  }
  for (Span* span = chunk->spans; span != nullptr; span = span->chunk_next) {
    Take(span);
  }
  return true;
}

Leaving Quarantine::Pop(size_t limit) {
  if (held_bytes() <= limit) return {};
  base::SpinLockHolder holder(lock_);
  Span* span = first_;
  if (span == nullptr || held_bytes() <= limit) return {};
  if (TryTakeChunk(span->chunk)) return {span, 0, span->chunk};
  // A claimed span stays first in the queue: its turn comes again.
  if (!span->TryClaim()) return {};
  return Take(span);
}

bool Quarantine::Finish(const Leaving& leaving) {
  base::SpinLockHolder holder(lock_);
  leaving.span->released_granules |= leaving.granules;
  return leaving.span->released_granules == leaving.span->all_granules;
}

}  // namespace dbgalloc::heap
