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
struct MallocGate {
  uint16_t inside = 0;
  uint16_t arena = 0;
  uint16_t forbidden = 0;
  uint16_t leaks_ignored = 0;  // scopes whose allocations are no leaks

  bool IsOpen() const { return (inside | arena | forbidden) == 0; }
  // Open, and allocations are as any others.
  bool IsWideOpen() const { return IsOpen() && leaks_ignored == 0; }
};

static_assert(sizeof(MallocGate) == 8, "read with one load");

#if defined(__GNUC__) || defined(__clang__)
[[gnu::tls_model("initial-exec")]]
#endif
inline constinit thread_local MallocGate malloc_gate;

// While one is alive, malloc on this thread is served by the bootstrap arena,
// and blocks of the heap that it frees are freed in the heap. For code that
// describes the heap and calls libraries which allocate.
class ScopedArenaMalloc {
 public:
  ScopedArenaMalloc() { ++malloc_gate.arena; }
  ~ScopedArenaMalloc() { --malloc_gate.arena; }
  ScopedArenaMalloc(const ScopedArenaMalloc&) = delete;
  ScopedArenaMalloc& operator=(const ScopedArenaMalloc&) = delete;
};

// While one is alive, this thread is in the heap.
class ScopedInsideHeap {
 public:
  ScopedInsideHeap() { ++malloc_gate.inside; }
  ~ScopedInsideHeap() { --malloc_gate.inside; }
  ScopedInsideHeap(const ScopedInsideHeap&) = delete;
  ScopedInsideHeap& operator=(const ScopedInsideHeap&) = delete;
};

}  // namespace dbgalloc::base

#endif  // DBGALLOC_ALLOC_BASE_MALLOC_GATE_H_
