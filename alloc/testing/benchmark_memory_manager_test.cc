#include "dbgalloc/testing/benchmark_memory_manager.h"

#include <cstdlib>
#include <sstream>
#include <string>
#include <vector>

#include "benchmark/benchmark.h"
#include "gtest/gtest.h"

namespace {

void AllocateTwice(benchmark::State& state) {
  for (auto _ : state) {
    std::vector<char> large(3000);
    std::vector<char> small(1000);
    benchmark::DoNotOptimize(large.data());
    benchmark::DoNotOptimize(small.data());
  }
}
BENCHMARK(AllocateTwice)->Iterations(10);

// The number behind a name in the output; -1 when it is not there.
double Figure(const std::string& json, const std::string& name) {
  const std::string key = '"' + name + "\": ";
  const size_t at = json.find(key);
  return at == std::string::npos ? -1 : std::stod(json.substr(at + key.size()));
}

// Google Benchmark allocates a little of its own between start and stop.
TEST(BenchmarkMemoryManager, PutsAllocationsAndPeakIntoTheOutput) {
  dbgalloc::BenchmarkMemoryManager memory;
  benchmark::RegisterMemoryManager(&memory);
  std::ostringstream output;
  benchmark::JSONReporter reporter;
  reporter.SetOutputStream(&output);
  reporter.SetErrorStream(&output);
  benchmark::RunSpecifiedBenchmarks(&reporter);
  benchmark::RegisterMemoryManager(nullptr);
  const std::string json = output.str();
  EXPECT_GE(Figure(json, "allocs_per_iter"), 2.0) << json;
  EXPECT_LT(Figure(json, "allocs_per_iter"), 2.5) << json;
  EXPECT_GE(Figure(json, "max_bytes_used"), 4000) << json;
  EXPECT_LT(Figure(json, "max_bytes_used"), 5000) << json;
}

TEST(BenchmarkMemoryManager, TellsGrowth) {
  dbgalloc::BenchmarkMemoryManager memory;
  memory.Start();
  void* (*volatile allocate)(size_t) = &malloc;
  void* kept = allocate(500);
  void* gone = allocate(300);
  free(gone);
  benchmark::MemoryManager::Result result;
  memory.Stop(result);
  free(kept);
  EXPECT_EQ(result.num_allocs, 2);
  EXPECT_EQ(result.max_bytes_used, 800);
  EXPECT_EQ(result.total_allocated_bytes, 800);
  EXPECT_EQ(result.net_heap_growth, 500);
}

}  // namespace
