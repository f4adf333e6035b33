// What malloc may do on the calling thread at this moment.
//
//   open       the heap serves it; the common case, one comparison with zero
//   inside     this thread is already in the heap: the bootstrap arena serves
//   arena      somebody asked for the arena (a report is being written)
//   forbidden  a lock of dbgalloc is held: malloc here is a bug of ours
//
// Lives on floor 1 so that lock holders of any floor can say "forbidden"; the
// entry points of alloc/interpose read it.
#ifndef DBGALLOC_ALLOC_BASE_MALLOC_GATE_H_
#define DBGALLOC_ALLOC_BASE_MALLOC_GATE_H_

#include <cstdint>

namespace dbgalloc::base {

// Counts, since each may nest. Signal handlers may come between any two
// instructions, but leave every count as they found it.
// All counts are in one word, which is read and written as a whole: a processor
// hands a store on to a load at once only when the load asks for no more.
class MallocGate {
 public:
  enum class Count : uint64_t {
    kInside = uint64_t{1},
    kArena = uint64_t{1} << 16,
    kForbidden = uint64_t{1} << 32,
    // Scopes whose allocations are no leaks. They close nothing.
    kLeaksIgnored = uint64_t{1} << 48,
  };

  bool IsOpen() const {
    return counts_ % static_cast<uint64_t>(Count::kLeaksIgnored) == 0;
  }
  // Open, and allocations are as any others.
  bool IsWideOpen() const { return counts_ == 0; }
  bool Has(Count count) const {
    return counts_ / static_cast<uint64_t>(count) % (1 << 16) != 0;
  }
  void Raise(Count count) { counts_ += static_cast<uint64_t>(count); }
  void Lower(Count count) { counts_ -= static_cast<uint64_t>(count); }

  // For who found the gate wide open, and so knows what the word is: a store
  // waits for nothing, a count would wait for the last one.
  void EnterFromWideOpen() { counts_ = static_cast<uint64_t>(Count::kInside); }
  void LeaveToWideOpen() { counts_ = 0; }

  // What entry points may use while the gate is wide open, without a further
  // question; null: nothing. Other threads may set it to null.
  void* fast_way() const {
    return __atomic_load_n(&fast_way_, __ATOMIC_RELAXED);
  }
  void** fast_way_slot() { return &fast_way_; }

 private:
  uint64_t counts_ = 0;
  void* fast_way_ = nullptr;
};

#if defined(__GNUC__) || defined(__clang__)
[[gnu::tls_model("initial-exec")]]
#endif
inline constinit thread_local MallocGate malloc_gate;

// While one is alive, malloc on this thread is served by the bootstrap arena,
// and blocks of the heap that it frees are freed in the heap. For code that
// describes the heap and calls libraries which allocate.
class ScopedArenaMalloc {
 public:
  ScopedArenaMalloc() { malloc_gate.Raise(MallocGate::Count::kArena); }
  ~ScopedArenaMalloc() { malloc_gate.Lower(MallocGate::Count::kArena); }
  ScopedArenaMalloc(const ScopedArenaMalloc&) = delete;
  ScopedArenaMalloc& operator=(const ScopedArenaMalloc&) = delete;
};

// While one is alive, this thread is in the heap.
class ScopedInsideHeap {
 public:
  ScopedInsideHeap() { malloc_gate.Raise(MallocGate::Count::kInside); }
  ~ScopedInsideHeap() { malloc_gate.Lower(MallocGate::Count::kInside); }
  ScopedInsideHeap(const ScopedInsideHeap&) = delete;
  ScopedInsideHeap& operator=(const ScopedInsideHeap&) = delete;
};

}  // namespace dbgalloc::base

#endif  // DBGALLOC_ALLOC_BASE_MALLOC_GATE_H_
