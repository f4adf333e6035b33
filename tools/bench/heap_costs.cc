// What malloc and free cost in whatever this program was linked to or
// preloaded with. Prints one line a scenario: its name and nanoseconds a pair
// of malloc and free, the best of some rounds.
//
//   heap_costs [ROUNDS]
#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <iterator>

namespace {

constexpr int kPairs = 100'000;
// Calls between main and malloc, as programs have.
constexpr int kDepth = 20;
constexpr size_t kLive = 1024;

template <typename T>
T* Opaque(T* pointer) {
  asm volatile("" : "+r"(pointer) : : "memory");
  return pointer;
}

void Pairs(size_t size) {
  for (int i = 0; i < kPairs; ++i) free(Opaque(malloc(size)));
}

// The oldest of a window of live blocks goes as a new one comes.
void Ring(size_t size) {
  static void* blocks[kLive];
  for (int i = 0; i < kPairs; ++i) {
    void*& place = blocks[static_cast<size_t>(i) % kLive];
    free(place);
    place = Opaque(malloc(size));
  }
}

[[gnu::noinline]] void AtDepth(int depth, void (*body)(size_t), size_t size) {
  if (depth == 0) {
    body(size);
  } else {
    AtDepth(depth - 1, body, size);
  }
  asm volatile("");  // no tail call
}

double NanosecondsOf(void (*work)()) {
  const auto start = std::chrono::steady_clock::now();
  work();
  const std::chrono::duration<double, std::nano> taken =
      std::chrono::steady_clock::now() - start;
  return taken.count() / kPairs;
}

void* PairsOnThread(void*) {
  AtDepth(kDepth, Pairs, 64);
  return nullptr;
}

// Two threads do twice the work: at full speed-up a pair takes as long as alone
// when all pairs are counted for one thread.
void TwoThreads() {
  pthread_t other;
  pthread_create(&other, nullptr, PairsOnThread, nullptr);
  PairsOnThread(nullptr);
  pthread_join(other, nullptr);
}

struct Scenario {
  const char* name;
  void (*work)();
};

constexpr Scenario kScenarios[] = {
    {"pair_64", [] { AtDepth(kDepth, Pairs, 64); }},
    {"pair_4096", [] { AtDepth(kDepth, Pairs, 4096); }},
    {"ring_64", [] { AtDepth(kDepth, Ring, 64); }},
    {"pair_64_two_threads", TwoThreads},
};

}  // namespace

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? atoi(argv[1]) : 20;
  double best[std::size(kScenarios)];
  std::fill(std::begin(best), std::end(best), 1e9);
  // Round by round, so that a busy moment of the machine hits all alike.
  for (int round = 0; round < rounds; ++round) {
    for (size_t i = 0; i < std::size(kScenarios); ++i) {
      best[i] = std::min(best[i], NanosecondsOf(kScenarios[i].work));
    }
  }
  for (size_t i = 0; i < std::size(kScenarios); ++i) {
    printf("%s %.1f\n", kScenarios[i].name, best[i]);
  }
  return 0;
}
