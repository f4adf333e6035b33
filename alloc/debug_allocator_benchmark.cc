// What a block costs with every check on. frames:0 is the price of the checks
// alone; frames:16 adds a stack at both ends. The C library's malloc and
// free stand beside, for the ratio.
#include <cstdlib>
#include <vector>

#include "benchmark/benchmark.h"
#include "dbgalloc/debug_allocator.h"

namespace dbgalloc {
namespace {

Options WithFrames(int64_t frames) {
  Options options;
  options.stack_trace_frames = frames;
  options.unwind = UnwindMethod::kFramePointers;
  return options;
}

// A stack of some depth below the allocation, as programs have.
template <typename Body>
[[gnu::noinline]] void AtDepth(int depth, const Body& body) {
  if (depth > 0) {
    AtDepth(depth - 1, body);
  } else {
    body();
  }
  benchmark::ClobberMemory();
}

void BM_SystemPair(benchmark::State& state) {
  size_t size = static_cast<size_t>(state.range(0));
  for (auto _ : state) {
    void* block = malloc(size);
    benchmark::DoNotOptimize(block);
    free(block);
  }
}
BENCHMARK(BM_SystemPair)->Arg(64)->Arg(4096)->Arg(1 << 20);

// One allocator for all runs and threads of a frame count: what is measured is
// the steady state, the quarantine full.
DebugAllocator& AllocatorWithFrames(int64_t frames) {
  static auto& without = *new DebugAllocator(WithFrames(0));
  static auto& with = *new DebugAllocator(WithFrames(16));
  return frames == 0 ? without : with;
}

void BM_DebugPair(benchmark::State& state) {
  size_t size = static_cast<size_t>(state.range(0));
  DebugAllocator& allocator = AllocatorWithFrames(state.range(1));
  AtDepth(20, [&] {
    for (auto _ : state) {
      void* block = allocator.Allocate(size, 16);
      benchmark::DoNotOptimize(block);
      allocator.Deallocate(block, size, 16);
    }
  });
}
BENCHMARK(BM_DebugPair)
    ->ArgNames({"bytes", "frames"})
    ->ArgsProduct({{64, 4096, 1 << 20}, {0, 16}});
BENCHMARK(BM_DebugPair)
    ->ArgNames({"bytes", "frames"})
    ->ArgsProduct({{64}, {0, 16}})
    ->Threads(2);

// What a free pays for the comparison of what its caller says with what the
// allocation said: size, alignment and family, all on or all off.
void BM_ClaimChecks(benchmark::State& state) {
  Options options = WithFrames(0);
  const bool checked = state.range(0) != 0;
  options.check_size = checked;
  options.check_alignment = checked;
  options.check_family = checked;
  DebugAllocator allocator(options);
  for (auto _ : state) {
    void* block = allocator.Allocate(64, 16);
    benchmark::DoNotOptimize(block);
    allocator.Deallocate(block, 64, 16);
  }
}
BENCHMARK(BM_ClaimChecks)->ArgName("checked")->Arg(0)->Arg(1);

// The oldest of 1024 live blocks goes as a new one comes.
void BM_DebugRing(benchmark::State& state) {
  DebugAllocator& allocator = AllocatorWithFrames(state.range(0));
  std::vector<void*> ring(1024);
  size_t at = 0;
  for (auto _ : state) {
    void*& place = ring[at++ % ring.size()];
    if (place != nullptr) allocator.Deallocate(place, 64, 16);
    place = allocator.Allocate(64, 16);
  }
  for (void* block : ring) allocator.Deallocate(block, 64, 16);
}
BENCHMARK(BM_DebugRing)->ArgName("frames")->Arg(0)->Arg(16);

}  // namespace
}  // namespace dbgalloc
