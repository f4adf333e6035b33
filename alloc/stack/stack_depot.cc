#include "alloc/stack/stack_depot.h"

#include <string.h>

#include <bit>
#include <new>

#include "alloc/base/shielded_memory.h"
#include "alloc/base/state_shield.h"
#include "alloc/os/pages.h"
#include "alloc/stack/chain_link.h"

namespace dbgalloc::stack {

struct StackDepot::Node {
  uint32_t next;
  uint32_t hash;
  uint32_t count;
  uint32_t id;  // its own
  uintptr_t frames[];
};

namespace {

// Memory for traces: out of the program's reach where that was asked for.
// Else an inaccessible page on either side keeps overflows out.
void* MapState(size_t size) {
  size_t page = os::PageSize();
  if (base::CurrentShieldMode() != base::ShieldMode::kOff) {
    return base::TakeShielded(size, page);
  }
  char* memory = static_cast<char*>(os::MapPages(size + 2 * page, page));
  if (memory == nullptr) return nullptr;
  os::RetirePages(memory, page);
  os::RetirePages(memory + page + size, page);
  return memory + page;
}

void ReleaseState(void* memory, size_t size) {
  if (base::IsShielded(reinterpret_cast<uintptr_t>(memory))) {
    base::ScopedOpenState open;
    base::GiveShielded(memory, size);
  } else {
    size_t page = os::PageSize();
    os::ReleasePages(static_cast<char*>(memory) - page, size + 2 * page);
  }
}

bool SameFrames(const uintptr_t* left, const uintptr_t* right, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    if (left[i] != right[i]) return false;
  }
  return true;
}

}  // namespace

uint32_t StackDepot::Intern(const uintptr_t* frames, size_t count) {
  TraceHash hash;
  for (size_t i = 0; i < count; ++i) hash.Add(frames[i]);
  return Intern(frames, count, hash);
}

uint32_t StackDepot::Intern(const uintptr_t* frames, size_t count,
                            TraceHash trace_hash) {
  if (count == 0 || count > kMaxFrames) return kNone;
  base::ScopedOpenState open;
  if (__builtin_expect(!HasTable(), 0)) {
    NoteFull();
    return kNone;
  }
  const uint32_t hash = trace_hash.value();
  const size_t table = table_.load(std::memory_order_acquire);
  const auto head = static_cast<uint32_t>(
      OpenBucket(table, hash)->load(std::memory_order_acquire));
  const uint32_t found = FindInChain(head, kNone, hash, frames, count);
  if (found == kNone) return Insert(hash, frames, count);
  CountHit();
  return found;
}

size_t StackDepot::Get(uint32_t id, const uintptr_t** frames) const {
  *frames = nullptr;
  // Gives this thread the right to read, if it never had it.
  { base::ScopedOpenState open; }
  const uint64_t place = uint64_t{id} * kUnit;
  if (place < kFirstNode ||
      place >= next_byte_.load(std::memory_order_acquire)) {
    return 0;
  }
  const Node* node = NodeAt(id);
  if (node == nullptr || node->id != id || node->count > kMaxFrames) return 0;
  *frames = node->frames;
  return node->count;
}

StackDepot::Statistics StackDepot::statistics() const {
  Statistics statistics;
  statistics.traces = traces_.load(std::memory_order_relaxed);
  statistics.bytes = next_byte_.load(std::memory_order_relaxed);
  for (size_t table = 1; table < kTables; ++table) {
    if (later_tables_[table].load(std::memory_order_relaxed) == nullptr) break;
    statistics.bytes += BucketsOf(table) * sizeof(Bucket);
  }
  statistics.full = full_.load(std::memory_order_relaxed);
  for (const HitCounter& counter : hits_) {
    statistics.hits += counter.value.load(std::memory_order_relaxed);
  }
  return statistics;
}

void StackDepot::Release() {
  for (std::atomic<char*>& segment : segments_) {
    char* memory = segment.exchange(nullptr);
    if (memory != nullptr) ReleaseState(memory, kSegmentSize);
  }
  for (size_t table = 1; table < kTables; ++table) {
    Bucket* buckets = later_tables_[table].exchange(nullptr);
    if (buckets == nullptr) continue;
    ReleaseState(buckets, BucketsOf(table) * sizeof(Bucket));
  }
  table_.store(0);
  next_byte_.store(kFirstNode);
  traces_.store(0);
  full_.store(false);
  for (HitCounter& counter : hits_) counter.value.store(0);
}

StackDepot::Bucket* StackDepot::BucketsIn(size_t table) {
  if (table != 0) return later_tables_[table].load(std::memory_order_acquire);
  return reinterpret_cast<Bucket*>(
      segments_[0].load(std::memory_order_acquire));
}

// The bucket of a hash in a table that is or was in use. Any number of threads
// may open one at once: all of them find the same chain, which is closed.
StackDepot::Bucket* StackDepot::OpenBucket(size_t table, uint32_t hash) {
  Bucket* bucket = &BucketsIn(table)[hash & (BucketsOf(table) - 1)];
  if (table == 0) return bucket;
  uint64_t state = bucket->load(std::memory_order_acquire);
  if (__builtin_expect((state & kBucketOpened) != 0, 1)) return bucket;
  const uint64_t before =
      OpenBucket(table - 1, hash)
          ->fetch_or(kBucketClosed, std::memory_order_acq_rel);
  bucket->compare_exchange_strong(state,
                                  static_cast<uint32_t>(before) | kBucketOpened,
                                  std::memory_order_acq_rel);
  return bucket;
}

// Called when `table` has as many traces as buckets. A table takes at most one
// part in 64 of the limit; without memory for it the chains grow.
void StackDepot::GrowTable(size_t table) {
  const size_t next = table + 1;
  if (next == kTables) return;
  const size_t bytes = BucketsOf(next) * sizeof(Bucket);
  if (bytes > limit_.load(std::memory_order_relaxed) / 64) return;
  Bucket* known = later_tables_[next].load(std::memory_order_acquire);
  if (known == nullptr) {
    void* memory = MapState(bytes);
    if (memory == nullptr) return;
    if (!later_tables_[next].compare_exchange_strong(
            known, static_cast<Bucket*>(memory), std::memory_order_acq_rel)) {
      ReleaseState(memory, bytes);
    }
  }
  table_.compare_exchange_strong(table, next, std::memory_order_acq_rel);
}

StackDepot::Node* StackDepot::NodeAt(uint32_t id) const {
  char* segment = segments_[id >> kOffsetBits].load(std::memory_order_acquire);
  if (segment == nullptr) return nullptr;
  const uint32_t unit = id & ((uint32_t{1} << kOffsetBits) - 1);
  return reinterpret_cast<Node*>(segment + unit * kUnit);
}

// Looks from `id` on, up to but not including `end`.
uint32_t StackDepot::FindInChain(uint32_t id, uint32_t end, uint32_t hash,
                                 const uintptr_t* frames, size_t count) const {
  while (id != end) {
    const Node* node = NodeAt(id);
    if (node->hash == hash && node->count == count &&
        SameFrames(node->frames, frames, count)) {
      return id;
    }
    id = node->next;
  }
  return kNone;
}

uint32_t StackDepot::Insert(uint32_t hash, const uintptr_t* frames,
                            size_t count) {
  constexpr size_t kMisaligned = kUnit - 1;
  const size_t bytes = sizeof(Node) + count * sizeof(*frames);
  const uint32_t id = AllocateNode((bytes + kMisaligned) & ~kMisaligned);
  if (id == kNone) {
    NoteFull();
    return count > kCutFrames ? Intern(frames, kCutFrames) : kNone;
  }
  Node* node =
      new (NodeAt(id)) Node{kNone, hash, static_cast<uint32_t>(count), id};
  memcpy(node->frames, frames, count * sizeof(*frames));
  return Link(id, hash, frames, count);
}

// Puts the node first in its chain, unless the trace is there already: then the
// node is never linked, and its bytes are lost.
uint32_t StackDepot::Link(uint32_t id, uint32_t hash, const uintptr_t* frames,
                          size_t count) {
  Node* node = NodeAt(id);
  for (;;) {
    const size_t table = table_.load(std::memory_order_acquire);
    const LinkAttempt attempt = TryLink(
        *OpenBucket(table, hash), id, [&](uint32_t next) { node->next = next; },
        [&](uint32_t first) {
          return FindInChain(first, kNone, hash, frames, count);
        });
    if (attempt.found != kNone) return attempt.found;
    if (!attempt.is_linked) continue;
    const uint64_t traces = traces_.fetch_add(1, std::memory_order_relaxed);
    if (traces >= BucketsOf(table)) GrowTable(table);
    return id;
  }
}

// Takes bytes from the current segment, or from the next one when they do not
// fit: a node never straddles two. The last eighth is for traces that were cut.
uint32_t StackDepot::AllocateNode(size_t bytes) {
  constexpr size_t kCutNode = sizeof(Node) + kCutFrames * sizeof(uintptr_t);
  uint64_t limit = limit_.load(std::memory_order_relaxed);
  if (bytes > kCutNode) limit -= limit / 8;
  uint64_t place = next_byte_.load(std::memory_order_relaxed);
  uint64_t begin;
  do {
    begin = place;
    if ((begin % kSegmentSize) + bytes > kSegmentSize) {
      begin = (begin / kSegmentSize + 1) * kSegmentSize;
    }
    if (begin + bytes > limit || begin / kSegmentSize >= kSegments ||
        !EnsureSegment(begin / kSegmentSize)) {
      return kNone;
    }
  } while (!next_byte_.compare_exchange_weak(place, begin + bytes,
                                             std::memory_order_acq_rel));
  return static_cast<uint32_t>(begin / kUnit);
}

void StackDepot::NoteFull() {
  if (full_.exchange(true, std::memory_order_relaxed)) return;
  const FullFunction function = when_full_.load(std::memory_order_acquire);
  if (function != nullptr) function();
}

bool StackDepot::EnsureSegment(size_t index) {
  char* segment = segments_[index].load(std::memory_order_acquire);
  if (segment != nullptr) return true;
  void* memory = MapState(kSegmentSize);
  if (memory == nullptr) return false;
  if (segments_[index].compare_exchange_strong(
          segment, static_cast<char*>(memory), std::memory_order_acq_rel)) {
    return true;
  }
  ReleaseState(memory, kSegmentSize);
  return true;
}

// Counters are chosen by where the caller's stack lies, which tells threads
// apart well enough. Counts of threads that share one may get lost.
void StackDepot::CountHit() {
  const auto here = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
  const size_t index = ((here >> 16) ^ (here >> 23)) % kHitCounters;
  std::atomic<uint64_t>& counter = hits_[index].value;
  counter.store(counter.load(std::memory_order_relaxed) + 1,
                std::memory_order_relaxed);
}

StackDepot& GlobalStackDepot() {
  static constinit StackDepot depot;
  return depot;
}

}  // namespace dbgalloc::stack
