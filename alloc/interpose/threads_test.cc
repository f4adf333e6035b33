// Hundreds of threads at once, freeing each other's blocks, coming and going.
#include <gtest/gtest.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <atomic>
#include <mutex>
#include <thread>
#include <vector>

#include "dbgalloc/c_api.h"

namespace {

constexpr int kThreads = 500;

// Blocks on their way from one thread to another.
class Exchange {
 public:
  unsigned char* Swap(size_t slot, unsigned char* block) {
    return slots_[slot % kSlots].exchange(block);
  }
  ~Exchange() {
    for (auto& slot : slots_) free(slot.load());
  }

 private:
  static constexpr size_t kSlots = 1000;
  std::atomic<unsigned char*> slots_[kSlots] = {};
};

void CheckAndFree(unsigned char* block) {
  if (block == nullptr) return;
  const size_t size = block[0] + 1u;
  for (size_t i = 1; i < size; ++i) ASSERT_EQ(block[i], block[0]);
  free(block);
}

void Trade(Exchange& exchange, size_t seed) {
  for (size_t i = 0; i < 300; ++i) {
    const size_t value = (seed * 31 + i * 17) % 256;
    auto* block = static_cast<unsigned char*>(malloc(value + 1));
    ASSERT_NE(block, nullptr);
    memset(block, static_cast<int>(value), value + 1);
    CheckAndFree(exchange.Swap(seed * 7 + i * 13, block));
  }
}

TEST(Threads, FiveHundredTradeBlocks) {
  Exchange exchange;
  std::vector<std::thread> threads;
  std::atomic<int> started{0};
  for (size_t i = 0; i < kThreads; ++i) {
    threads.emplace_back([&exchange, &started, i] {
      ++started;
      while (started < kThreads) std::this_thread::yield();
      Trade(exchange, i);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(dbgalloc_check_heap_now(), 0u);
}

// What a thread leaves behind goes to the next one: memory does not grow with
// the number of threads that ever lived.
TEST(Threads, ThousandsInARowDoNotPileUpMemory) {
  auto run = [](int count) {
    for (int i = 0; i < count; ++i) {
      std::thread([] {
        for (size_t size = 16; size < 3000; size *= 2) free(malloc(size));
      }).join();
    }
    dbgalloc_stats stats = {};
    dbgalloc_get_stats(&stats, sizeof(stats));
    return stats.span_bytes - stats.quarantine_bytes;
  };
  const uint64_t after_some = run(300);
  const uint64_t after_many = run(2000);
  EXPECT_LT(after_many, 2 * after_some + (16 << 20));
}

TEST(Threads, ThoseThatOnlyFreeLeaveNothingBehind) {
  auto run = [](int count) {
    for (int i = 0; i < count; ++i) {
      void* block = malloc(16);
      std::thread([block] { free(block); }).join();
    }
    dbgalloc_stats stats = {};
    dbgalloc_get_stats(&stats, sizeof(stats));
    return stats.metadata_bytes;
  };
  const uint64_t after_some = run(100);
  const uint64_t after_many = run(900);
  EXPECT_LT(after_many, after_some + (1 << 20));
}

TEST(Threads, SmallStacksSuffice) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  ASSERT_EQ(pthread_attr_setstacksize(&attributes, 64 << 10), 0);
  pthread_t thread;
  ASSERT_EQ(pthread_create(
                &thread, &attributes,
                [](void*) -> void* {
                  for (size_t i = 0; i < 1000; ++i) free(malloc(i * 100));
                  return nullptr;
                },
                nullptr),
            0);
  pthread_join(thread, nullptr);
  pthread_attr_destroy(&attributes);
}

}  // namespace
