// How many failures a second a sweep can induce in a trivial function.
#include "benchmark/benchmark.h"
#include "dbgalloc/allocator.h"
#include "dbgalloc/testing/failure_sweep.h"

namespace dbgalloc {
namespace {

// Ten blocks that live at once.
bool Trivial(Allocator& memory) {
  void* blocks[10] = {};
  bool whole = true;
  for (void*& block : blocks) {
    block = memory.Allocate(32, 8);
    if (block == nullptr) {
      whole = false;
      break;
    }
  }
  for (void* block : blocks) {
    if (block != nullptr) memory.Deallocate(block, 32, 8);
  }
  return whole;
}

// Items: induced failures. `fork` 1: in workers.
void BM_Injections(benchmark::State& state) {
  FailureSweepOptions options;
  options.fork = state.range(0) != 0;
  uint64_t points = 0;
  for (auto _ : state) {
    points += SweepAllocationFailures(AllocatingFunction(Trivial), options)
                  .points_run;
  }
  state.SetItemsProcessed(static_cast<int64_t>(points));
}
BENCHMARK(BM_Injections)->ArgName("fork")->Arg(0)->Arg(1);

// Many points a sweep, so that its start does not count.
void BM_LongSweep(benchmark::State& state) {
  FailureSweepOptions options;
  options.fork = state.range(0) != 0;
  uint64_t points = 0;
  const AllocatingFunction function = [](Allocator& memory) {
    bool whole = true;
    for (int i = 0; i < 50 && whole; ++i) whole = Trivial(memory);
    return whole;
  };
  for (auto _ : state) {
    points += SweepAllocationFailures(function, options).points_run;
  }
  state.SetItemsProcessed(static_cast<int64_t>(points));
}
BENCHMARK(BM_LongSweep)->ArgName("fork")->Arg(0)->Arg(1);

}  // namespace
}  // namespace dbgalloc
