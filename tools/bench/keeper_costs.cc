// What the pool's thread does for medium blocks: how long a freed block stays
// unmerged, and what share of a processor the thread takes at 1,000 frees a
// second.
//
//   tools/bazelw run -c opt //tools/bench:keeper_costs
#include <time.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <thread>
#include <vector>

#include "alloc/pool/keeper.h"
#include "alloc/pool/pool_heap.h"

namespace {

using dbgalloc::pool::kOrders;
using dbgalloc::pool::PoolClaim;
using dbgalloc::pool::PoolHeap;
using dbgalloc::pool::PoolHost;
using dbgalloc::pool::PoolRequest;
using dbgalloc::pool::ThreadCache;

double Seconds(clockid_t clock) {
  timespec now;
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) +
         static_cast<double>(now.tv_nsec) * 1e-9;
}

void TakeAndFree(PoolHeap& pool, ThreadCache& cache) {
  PoolRequest request;
  request.size = size_t{3} << 20;
  pool.Free(cache, pool.Allocate(cache, request, {}), PoolClaim(), {});
}

bool AllIsMerged(PoolHeap& pool) {
  return pool.medium().CountFree(kOrders - 1) == pool.medium().regions();
}

void MeasureMerging(PoolHeap& pool, ThreadCache& cache) {
  std::vector<double> waits;
  for (int i = 0; i < 2000; ++i) {
    TakeAndFree(pool, cache);
    double begin = Seconds(CLOCK_MONOTONIC);
    while (!AllIsMerged(pool)) std::this_thread::yield();
    waits.push_back((Seconds(CLOCK_MONOTONIC) - begin) * 1e3);
    std::this_thread::sleep_for(std::chrono::microseconds(i * 37 % 1500));
  }
  std::sort(waits.begin(), waits.end());
  printf("freed to merged, ms: median %.3f, p99 %.3f, max %.3f\n",
         waits[waits.size() / 2], waits[waits.size() * 99 / 100], waits.back());
}

void MeasureThread(PoolHeap& pool, ThreadCache& cache) {
  constexpr int kFrees = 5000;
  double wall = Seconds(CLOCK_MONOTONIC);
  double all = Seconds(CLOCK_PROCESS_CPUTIME_ID);
  double mine = Seconds(CLOCK_THREAD_CPUTIME_ID);
  for (int i = 0; i < kFrees; ++i) {
    TakeAndFree(pool, cache);
    double next = wall + (i + 1) * 1e-3 - Seconds(CLOCK_MONOTONIC);
    if (next > 0)
      std::this_thread::sleep_for(std::chrono::duration<double>(next));
  }
  wall = Seconds(CLOCK_MONOTONIC) - wall;
  all = Seconds(CLOCK_PROCESS_CPUTIME_ID) - all;
  mine = Seconds(CLOCK_THREAD_CPUTIME_ID) - mine;
  printf("the thread at %.0f frees a second: %.2f %% of a processor\n",
         kFrees / wall, (all - mine) / wall * 100);
}

}  // namespace

int main() {
  PoolHeap* pool = PoolHeap::Create(dbgalloc::Options(), PoolHost());
  ThreadCache* cache = pool->TakeCache(1);
  StartKeeping(*pool);
  MeasureMerging(*pool, *cache);
  MeasureThread(*pool, *cache);
  StopKeeping(*pool);
  PoolHeap::Destroy(pool);
  return 0;
}
