// Allocations and peak memory of each benchmark in Google Benchmark's output.
//
//   int main(int argc, char** argv) {
//     dbgalloc::BenchmarkMemoryManager memory;
//     benchmark::RegisterMemoryManager(&memory);
//     benchmark::Initialize(&argc, argv);
//     benchmark::RunSpecifiedBenchmarks();
//     benchmark::RegisterMemoryManager(nullptr);
//   }
//
// The program's malloc must be dbgalloc's. Google Benchmark measures memory in
// a run of its own, so times are not touched.
#ifndef DBGALLOC_ALLOC_TESTING_BENCHMARK_MEMORY_MANAGER_H_
#define DBGALLOC_ALLOC_TESTING_BENCHMARK_MEMORY_MANAGER_H_

#include <cstdint>
#include <memory>

#include "benchmark/benchmark.h"
#include "dbgalloc/testing/allocation_scope.h"

namespace dbgalloc {

// Counts what all threads allocate between Start and Stop; bytes are requested
// bytes. Where nothing counts, every figure is Google Benchmark's "not
// available".
class BenchmarkMemoryManager final : public benchmark::MemoryManager {
 public:
  void Start() override {
    scope_ = std::make_unique<AllocationScope>(CountedThreads::kAll);
  }

  // One of the two is the interface's, which one depends on its version.
  void Stop(Result* result) {  // NOLINT(modernize-use-override)
    Stop(*result);
  }
  void Stop(Result& result) {  // NOLINT(modernize-use-override)
    const AllocationCounts counts = scope_->counts();
    const bool is_known = AllocationScope::IsLive();
    scope_.reset();
    result.num_allocs = OrUnknown(is_known, counts.allocations);
    result.max_bytes_used = OrUnknown(is_known, counts.peak_bytes);
    result.total_allocated_bytes = OrUnknown(is_known, counts.allocated_bytes);
    result.net_heap_growth =
        OrUnknown(is_known, counts.allocated_bytes - counts.freed_bytes);
  }

 private:
  static int64_t OrUnknown(bool is_known, uint64_t figure) {
    return is_known ? static_cast<int64_t>(figure) : TombstoneValue;
  }

  std::unique_ptr<AllocationScope> scope_;
};

}  // namespace dbgalloc

#endif  // DBGALLOC_ALLOC_TESTING_BENCHMARK_MEMORY_MANAGER_H_
