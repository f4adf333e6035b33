// What it costs to count a request when no failure is asked for: the way into
// the heap asks whether requests are counted, and where they are (by
// FailingAllocator always), one takes an index.
#include <benchmark/benchmark.h>

#include <cstdint>

#include "alloc/fail/fail_gate.h"

namespace dbgalloc::fail {
namespace {

uint32_t NoStack() { return 0; }

// A call that does nothing, as a stand-in for the allocation.
[[gnu::noinline]] void Allocate() { benchmark::ClobberMemory(); }

void BM_NotCounted(benchmark::State& state) {
  for (auto _ : state) Allocate();
}
BENCHMARK(BM_NotCounted);

void BM_Counted(benchmark::State& state) {
  FailGate gate;
  uint64_t index = 0;
  for (auto _ : state) {
    if (gate.Admit(64, NoStack, &index)) Allocate();
    benchmark::DoNotOptimize(index);
  }
}
BENCHMARK(BM_Counted);

}  // namespace
}  // namespace dbgalloc::fail
