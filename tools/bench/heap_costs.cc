// What malloc and free cost in whatever this program was linked to or
// preloaded with. Prints one line a scenario: its name and nanoseconds of CPU
// time a pair of malloc and free, the best of some rounds. CPU time, since the
// machine may have other things to do.
//
//   heap_costs [ROUNDS]
#include <pthread.h>
#include <time.h>

#include <algorithm>
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

// Of all threads of the process.
double CpuNanoseconds() {
  timespec time = {};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e9 +
         static_cast<double>(time.tv_nsec);
}

void* PairsOnThread(void*) {
  AtDepth(kDepth, Pairs, 64);
  return nullptr;
}

// Where the threads do not get in each other's way, a pair takes as long as
// alone.
void TwoThreads() {
  pthread_t other;
  pthread_create(&other, nullptr, PairsOnThread, nullptr);
  PairsOnThread(nullptr);
  pthread_join(other, nullptr);
}

struct Scenario {
  const char* name;
  int threads;
  void (*work)();
};

constexpr Scenario kScenarios[] = {
    {"pair_64", 1, [] { AtDepth(kDepth, Pairs, 64); }},
    {"pair_4096", 1, [] { AtDepth(kDepth, Pairs, 4096); }},
    {"ring_64", 1, [] { AtDepth(kDepth, Ring, 64); }},
    {"pair_64_two_threads", 2, TwoThreads},
};

double NanosecondsOf(const Scenario& scenario) {
  const double start = CpuNanoseconds();
  scenario.work();
  return (CpuNanoseconds() - start) / kPairs / scenario.threads;
}

}  // namespace

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? atoi(argv[1]) : 20;
  double best[std::size(kScenarios)];
  std::fill(std::begin(best), std::end(best), 1e9);
  // Round by round, so that a busy moment of the machine hits all alike.
  for (int round = 0; round < rounds; ++round) {
    for (size_t i = 0; i < std::size(kScenarios); ++i) {
      best[i] = std::min(best[i], NanosecondsOf(kScenarios[i]));
    }
  }
  for (size_t i = 0; i < std::size(kScenarios); ++i) {
    printf("%s %.1f\n", kScenarios[i].name, best[i]);
  }
  return 0;
}
