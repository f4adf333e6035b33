// One workload of an allocator, timed. Which allocator serves is the caller's
// choice, by preloading it: pool_costs.py compares them.
//
//   pool_workload NAME [ARGUMENT...]  -> "nanoseconds-per-step resident-KiB"
//
// Time is CPU time of all threads. The workloads are of our own writing after
// well-known patterns.
#include <malloc.h>
#include <sys/resource.h>
#include <time.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "tools/bench/pool_computations.h"

namespace {

double CpuNanoseconds() {
  timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 +
         static_cast<double>(now.tv_nsec);
}

template <typename T>
T* Opaque(T* pointer) {
  asm volatile("" : "+r"(pointer) : : "memory");
  return pointer;
}

// Small and the same everywhere.
class Random {
 public:
  explicit Random(uint64_t seed)
      : state_(seed * 2654435761u + 88172645463325252u) {}
  uint64_t Next() {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return state_;
  }
  size_t Below(size_t limit) { return Next() % limit; }
  // Many small ones, few large ones.
  size_t Size() {
    size_t log2 = 4 + Below(7);
    return (size_t{1} << log2) + Below(size_t{1} << log2);
  }

 private:
  uint64_t state_;
};

void Touch(void* block) { *static_cast<volatile char*>(block) = 1; }

void RunThreads(int count, const std::function<void(int)>& work) {
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i) threads.emplace_back(work, i);
  for (std::thread& thread : threads) thread.join();
}

// Each returns the number of steps it made.

size_t Pairs(size_t size, int threads) {
  size_t steps = size <= 65536        ? 4000000
                 : size <= (1u << 20) ? 1000000
                                      : 100000;
  auto work = [&](int) {
    for (size_t i = 0; i < steps; ++i) {
      void* block = Opaque(malloc(size));
      Touch(block);
      free(block);
    }
  };
  if (threads == 1) {
    work(0);
  } else {
    RunThreads(threads, work);
  }
  return steps * static_cast<size_t>(threads);
}

size_t Batches(size_t live) {
  Random random(1);
  std::vector<void*> blocks(live);
  size_t rounds = std::max<size_t>(2, 2000000 / live);
  for (size_t round = 0; round < rounds; ++round) {
    for (void*& block : blocks) {
      block = malloc(random.Size());
      Touch(block);
    }
    for (size_t i = live; i-- > 1;) {
      std::swap(blocks[i], blocks[random.Below(i + 1)]);
    }
    for (void* block : blocks) free(block);
  }
  return rounds * live;
}

size_t Churn(size_t live) {
  Random random(2);
  std::vector<void*> blocks(live);
  for (void*& block : blocks) block = malloc(random.Size());
  constexpr size_t kSteps = 4000000;
  for (size_t i = 0; i < kSteps; ++i) {
    void*& slot = blocks[random.Below(live)];
    free(slot);
    slot = malloc(random.Size());
    Touch(slot);
  }
  for (void* block : blocks) free(block);
  return kSteps;
}

size_t ProducerConsumer(size_t size) {
  constexpr size_t kSteps = 2000000;
  constexpr size_t kRing = 1024;
  static std::atomic<void*> ring[kRing];
  RunThreads(2, [&](int role) {
    for (size_t i = 0; i < kSteps; ++i) {
      std::atomic<void*>& slot = ring[i % kRing];
      if (role == 0) {
        void* block = malloc(size);
        Touch(block);
        while (slot.load(std::memory_order_acquire) != nullptr) {
          std::this_thread::yield();
        }
        slot.store(block, std::memory_order_release);
      } else {
        void* block;
        while ((block = slot.load(std::memory_order_acquire)) == nullptr) {
          std::this_thread::yield();
        }
        slot.store(nullptr, std::memory_order_release);
        free(block);
      }
    }
  });
  return kSteps;
}

// Sessions that end and leave their blocks to the next thread.
size_t Larson() {
  constexpr size_t kBlocks = 1000;
  constexpr size_t kSteps = 20000;
  constexpr int kGenerations = 20;
  RunThreads(2, [](int lane) {
    std::vector<void*> blocks(kBlocks);
    Random random(static_cast<uint64_t>(lane) + 3);
    for (void*& block : blocks) block = malloc(random.Size());
    for (int generation = 0; generation < kGenerations; ++generation) {
      std::thread([&] {
        for (size_t i = 0; i < kSteps; ++i) {
          void*& slot = blocks[random.Below(kBlocks)];
          free(slot);
          slot = malloc(random.Size());
          Touch(slot);
        }
      }).join();
    }
    for (void* block : blocks) free(block);
  });
  return 2 * kSteps * kGenerations;
}

// Each thread frees what its neighbour made.
size_t CrossThreadRing() {
  constexpr int kThreads = 2;
  constexpr size_t kRounds = 400;
  constexpr size_t kBlocks = 2000;
  static std::vector<void*> boxes[kThreads];
  static std::atomic<size_t> arrived;
  auto meet = [](size_t target) {
    arrived.fetch_add(1);
    while (arrived.load() < target) std::this_thread::yield();
  };
  arrived = 0;
  RunThreads(kThreads, [&](int self) {
    size_t met = 0;
    for (size_t round = 0; round < kRounds; ++round) {
      std::vector<void*>& mine = boxes[self];
      for (size_t i = 0; i < kBlocks; ++i) {
        mine.push_back(malloc(64 + i % 64));
        Touch(mine.back());
      }
      meet(met += kThreads);
      std::vector<void*>& theirs = boxes[(self + 1) % kThreads];
      for (void* block : theirs) free(block);
      theirs.clear();
      meet(met += kThreads);
    }
  });
  return kRounds * kBlocks * kThreads;
}

size_t ReallocSmall() {
  constexpr size_t kRuns = 40000;
  size_t steps = 0;
  for (size_t run = 0; run < kRuns; ++run) {
    void* block = nullptr;
    for (size_t size = 8; size <= 1024; size += 8, ++steps) {
      block = Opaque(realloc(block, size));
      Touch(block);
    }
    free(block);
  }
  return steps;
}

size_t ReallocLarge() {
  constexpr size_t kRuns = 30;
  size_t steps = 0;
  for (size_t run = 0; run < kRuns; ++run) {
    char* block = nullptr;
    size_t old_size = 0;
    for (size_t size = 1 << 16; size <= (64u << 20);
         size += size / 2, ++steps) {
      block = static_cast<char*>(realloc(block, size));
      for (size_t at = old_size; at < size; at += 4096) block[at] = 1;
      old_size = size;
    }
    free(block);
  }
  return steps;
}

size_t Callocs(size_t size) {
  size_t steps = size <= 4096 ? 4000000 : 40000;
  for (size_t i = 0; i < steps; ++i) free(Opaque(calloc(1, size)));
  return steps;
}

size_t Aligned(size_t alignment, size_t size) {
  constexpr size_t kSteps = 4000000;
  for (size_t i = 0; i < kSteps; ++i) {
    free(Opaque(aligned_alloc(alignment, size)));
  }
  return kSteps;
}

size_t Maps() {
  constexpr size_t kSteps = 300000;
  for (int round = 0; round < 3; ++round) {
    std::map<uint64_t, uint64_t> numbers;
    Random random(4);
    for (size_t i = 0; i < kSteps; ++i) numbers[random.Next() % kSteps] = i;
  }
  return 3 * kSteps;
}

size_t Strings() {
  constexpr size_t kSteps = 500000;
  for (int round = 0; round < 4; ++round) {
    std::vector<std::string> texts;
    Random random(5);
    for (size_t i = 0; i < kSteps; ++i) {
      texts.emplace_back(20 + random.Below(60), 'x');
    }
  }
  return 4 * kSteps;
}

size_t HashMaps() {
  constexpr size_t kSteps = 400000;
  for (int round = 0; round < 3; ++round) {
    std::unordered_map<uint64_t, std::string> table;
    Random random(6);
    for (size_t i = 0; i < kSteps; ++i) {
      table[random.Next() % kSteps] = "some text of thirty characters";
    }
  }
  return 3 * kSteps;
}

size_t ShortThreads() {
  constexpr size_t kThreads = 20000;
  for (size_t i = 0; i < kThreads; ++i) {
    std::thread([] {
      void* blocks[16];
      for (void*& block : blocks) Touch(block = malloc(100));
      for (void* block : blocks) free(block);
    }).join();
  }
  return kThreads;
}

// Ends with a live set that was churned in many sizes: resident over live.
size_t Fragmentation() {
  constexpr size_t kLive = 200000;
  Random random(7);
  std::vector<void*> blocks(kLive);
  size_t steps = 0;
  for (size_t phase = 0; phase < 12; ++phase) {
    size_t scale = 16 << (phase % 6);
    for (size_t i = 0; i < kLive; ++i, ++steps) {
      void*& slot = blocks[random.Below(kLive)];
      free(slot);
      size_t size = scale + random.Below(scale);
      slot = malloc(size);
      memset(slot, 1, size);
    }
  }
  size_t live = 0;
  for (void* block : blocks) live += block ? malloc_usable_size(block) : 0;
  fprintf(stderr, "live %zu KiB\n", live / 1024);
  return steps;
}

size_t Run(const std::string& name, size_t a, size_t b) {
  if (name == "pair") return Pairs(a, static_cast<int>(b));
  if (name == "batch") return Batches(a);
  if (name == "churn") return Churn(a);
  if (name == "remote") return ProducerConsumer(a);
  if (name == "larson") return Larson();
  if (name == "ring") return CrossThreadRing();
  if (name == "realloc_small") return ReallocSmall();
  if (name == "realloc_large") return ReallocLarge();
  if (name == "calloc") return Callocs(a);
  if (name == "aligned") return Aligned(a, b);
  if (name == "map") return Maps();
  if (name == "strings") return Strings();
  if (name == "hash_map") return HashMaps();
  if (name == "short_threads") return ShortThreads();
  if (name == "fragmentation") return Fragmentation();
  if (name == "polynomials") return bench::Polynomials();
  if (name == "trees") return bench::Trees();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  size_t a = argc > 2 ? strtoull(argv[2], nullptr, 0) : 0;
  size_t b = argc > 3 ? strtoull(argv[3], nullptr, 0) : 1;
  double begin = CpuNanoseconds();
  size_t steps = Run(argv[1], a, b);
  double spent = CpuNanoseconds() - begin;
  if (steps == 0) return 2;
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  printf("%.3f %ld\n", spent / static_cast<double>(steps), usage.ru_maxrss);
  return 0;
}
