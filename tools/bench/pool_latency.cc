// How long single calls of malloc and free take, while THREADS threads churn
// and pass every eighth block on. Which allocator serves is the caller's
// choice, by preloading it: pool_latency.py compares them.
//
//   pool_latency THREADS -> "p50 p99 p99.9 max" of malloc, the same of free
//
// In nanoseconds, reading the clock included (some 20).
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <vector>

namespace {

constexpr size_t kOperations = 2000000;  // of all threads
constexpr size_t kSlots = 2000;
constexpr size_t kMailboxes = 64;

std::atomic<void*> mailboxes[kMailboxes];

using Times = std::vector<uint32_t>;

uint64_t Now() {
  return static_cast<uint64_t>(
      std::chrono::steady_clock::now().time_since_epoch().count());
}

uint64_t NextRandom(uint64_t& state) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return state;
}

void Keep(Times& times, uint64_t begin) {
  times.push_back(
      static_cast<uint32_t>(std::min<uint64_t>(Now() - begin, UINT32_MAX)));
}

void* TimedMalloc(size_t size, Times& times) {
  uint64_t begin = Now();
  void* block = malloc(size);
  Keep(times, begin);
  *static_cast<volatile char*>(block) = 1;
  return block;
}

void TimedFree(void* block, Times& times) {
  uint64_t begin = Now();
  free(block);
  Keep(times, begin);
}

void Churn(uint64_t seed, size_t operations, Times& allocating,
           Times& freeing) {
  uint64_t random = seed * 0x9e3779b97f4a7c15u + 1;
  std::vector<void*> slots(kSlots);
  for (size_t i = 0; i < operations; ++i) {
    uint64_t chosen = NextRandom(random);
    void*& slot = slots[chosen % kSlots];
    if (chosen >> 61 == 0) {  // another thread frees it
      slot = mailboxes[(chosen >> 20) % kMailboxes].exchange(slot);
    }
    TimedFree(slot, freeing);
    slot = TimedMalloc(16 + (chosen >> 32) % 1000, allocating);
  }
  for (void* block : slots) free(block);
}

void Print(std::vector<Times>& parts) {
  Times all;
  for (const Times& part : parts) {
    all.insert(all.end(), part.begin(), part.end());
  }
  std::sort(all.begin(), all.end());
  for (double share : {0.5, 0.99, 0.999}) {
    printf(
        "%u ",
        all[static_cast<size_t>(static_cast<double>(all.size() - 1) * share)]);
  }
  printf("%u ", all.back());
}

}  // namespace

int main(int argc, char** argv) {
  size_t count = argc > 1 ? strtoull(argv[1], nullptr, 10) : 2;
  if (count == 0) return 2;
  std::vector<Times> allocating(count), freeing(count);
  std::vector<std::thread> threads;
  for (size_t i = 0; i < count; ++i) {
    allocating[i].reserve(kOperations / count);
    freeing[i].reserve(kOperations / count);
    threads.emplace_back([&, i] {
      Churn(i + 1, kOperations / count, allocating[i], freeing[i]);
    });
  }
  for (std::thread& thread : threads) thread.join();
  Print(allocating);
  Print(freeing);
  printf("\n");
  return 0;
}
