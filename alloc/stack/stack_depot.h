// Stores each distinct stack trace once and names it by 32 bits.
//
//   frames --hash--> bucket -> node -> node -> 0      id = place of the node
//                    node: next id, hash, count, frames[count]
//
// Nodes are never changed or freed once linked, so look-ups take no lock; an
// insertion links its node by one compare-exchange. The first table of buckets
// is a page. When there are as many traces as buckets, a larger table follows:
// a bucket of it starts, when it is first needed, with the chain of the bucket
// that the same traces led to before, which is closed: no node is added to that
// one from then on, so each trace is stored once. Memory comes in segments as
// it is needed, up to a limit. Near the limit new traces are cut to their first
// frames, for which the last part of the memory is kept.
#ifndef DBGALLOC_ALLOC_STACK_STACK_DEPOT_H_
#define DBGALLOC_ALLOC_STACK_STACK_DEPOT_H_

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "alloc/stack/trace_hash.h"

namespace dbgalloc::stack {

// Threads: any, signal handlers included. Memory: straight from the kernel.
// Trivially destroyed, so that one may live to the very end of a process;
// Release() gives the memory back.
class StackDepot {
 public:
  // The id of no trace.
  static constexpr uint32_t kNone = 0;
  static constexpr size_t kDefaultLimit = size_t{256} << 20;
  static constexpr size_t kMaxFrames = 0xffff;
  // What is left of a trace that is cut.
  static constexpr size_t kCutFrames = 4;

  struct Statistics {
    uint64_t traces = 0;  // distinct ones held
    uint64_t bytes = 0;   // of memory for them, the table included
    uint64_t hits = 0;    // interned again, approximately
    bool full = false;    // a trace was cut or refused for want of memory
  };

  constexpr StackDepot() = default;
  StackDepot(const StackDepot&) = delete;
  StackDepot& operator=(const StackDepot&) = delete;

  // Bounds the memory. Takes full effect before the first trace; later it only
  // says when to stop.
  void SetLimit(size_t bytes) {
    limit_.store(bytes, std::memory_order_relaxed);
  }
  size_t limit() const { return limit_.load(std::memory_order_relaxed); }

  // Calls the function once, when the first trace is cut. It may be called in a
  // signal handler.
  using FullFunction = void (*)();
  void CallWhenFull(FullFunction function) {
    when_full_.store(function, std::memory_order_release);
  }

  // The id of the trace, stored now if it was not there: cut to kCutFrames
  // where memory is short, kNone when `count` is 0 or no memory is left at all.
  uint32_t Intern(const uintptr_t* frames, size_t count);

  // The same for a caller that hashed the frames on its way.
  uint32_t Intern(const uintptr_t* frames, size_t count, TraceHash hash);

  // Points `frames` at a trace that lasts as long as the depot, and returns the
  // number of its frames; 0 for kNone and for ids that were never given out.
  size_t Get(uint32_t id, const uintptr_t** frames) const;

  Statistics statistics() const;

  // Forgets everything and unmaps it. No other thread may be using the depot.
  void Release();

 private:
  struct Node;

  // An id is a segment's number and an offset in it, in units of eight bytes.
  static constexpr size_t kUnit = 8;
  static constexpr int kSegmentBits = 22;  // 4 MiB
  static constexpr size_t kSegmentSize = size_t{1} << kSegmentBits;
  static constexpr int kOffsetBits = kSegmentBits - 3;
  static constexpr size_t kSegments = size_t{1} << (32 - kOffsetBits);
  static constexpr size_t kHitCounters = 32;

  struct alignas(64) HitCounter {
    std::atomic<uint64_t> value{0};
  };

  // See chain_link.h; those of table 0 are never marked as opened.
  using Bucket = std::atomic<uint64_t>;
  static constexpr size_t kTables = 5;
  static constexpr size_t kFirstBuckets = 512;
  static constexpr size_t BucketsOf(size_t table) {
    return kFirstBuckets << (2 * table);
  }
  // The first table is the beginning of the first segment.
  static constexpr size_t kFirstNode = kFirstBuckets * sizeof(Bucket);

  bool HasTable() { return EnsureSegment(0); }
  Bucket* BucketsIn(size_t table);
  Bucket* OpenBucket(size_t table, uint32_t hash);
  void GrowTable(size_t table);
  Node* NodeAt(uint32_t id) const;
  uint32_t FindInChain(uint32_t id, uint32_t end, uint32_t hash,
                       const uintptr_t* frames, size_t count) const;
  uint32_t Insert(uint32_t hash, const uintptr_t* frames, size_t count);
  uint32_t Link(uint32_t id, uint32_t hash, const uintptr_t* frames,
                size_t count);
  uint32_t AllocateNode(size_t bytes);
  bool EnsureSegment(size_t index);
  void NoteFull();
  void CountHit();

  std::atomic<size_t> limit_{kDefaultLimit};
  std::atomic<size_t> table_{0};                     // the one in use
  std::atomic<Bucket*> later_tables_[kTables] = {};  // from 1 on
  std::atomic<uint64_t> next_byte_{kFirstNode};
  std::atomic<uint64_t> traces_{0};
  std::atomic<bool> full_{false};
  std::atomic<FullFunction> when_full_{nullptr};
  HitCounter hits_[kHitCounters] = {};
  std::atomic<char*> segments_[kSegments] = {};
};

// The process's depot: all stack ids in records and reports are of this one.
StackDepot& GlobalStackDepot();

}  // namespace dbgalloc::stack

#endif  // DBGALLOC_ALLOC_STACK_STACK_DEPOT_H_
