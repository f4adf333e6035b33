// Looking up traces that the depot holds already: what a stack pays that was
// walked but not recognized. Traces of sixteen frames, 1024 of them in turn.
#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "alloc/stack/stack_depot.h"

namespace dbgalloc::stack {
namespace {

constexpr size_t kFrames = 16;
constexpr size_t kTraces = 1024;

// Return addresses as they are: one of a few hundred in each place.
std::vector<std::vector<uintptr_t>> MakeTraces() {
  std::vector<std::vector<uintptr_t>> traces;
  for (size_t i = 0; i < kTraces; ++i) {
    std::vector<uintptr_t> trace;
    for (size_t frame = 0; frame < kFrames; ++frame) {
      trace.push_back(0x401000 + 4096 * frame + 16 * (i >> (frame % 4)));
    }
    traces.push_back(trace);
  }
  return traces;
}

void BM_InternKnownTrace(benchmark::State& state) {
  static const std::vector<std::vector<uintptr_t>> traces = MakeTraces();
  size_t i = static_cast<size_t>(state.thread_index()) * 100;
  for (auto _ : state) {
    const std::vector<uintptr_t>& trace = traces[i++ % kTraces];
    benchmark::DoNotOptimize(
        GlobalStackDepot().Intern(trace.data(), trace.size()));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_InternKnownTrace)->ThreadRange(1, 2);

}  // namespace
}  // namespace dbgalloc::stack
