// What guard pages cost, and how much they catch.
//
//   guard_costs [ROUNDS]
//
// Allocators without guards, with the default sample and with a guard for each
// block take turns in one process; what is printed are medians of CPU time and
// of the ratios of each turn. Then single bytes are aimed at random up to 64
// KiB from the beginning of live blocks, and what they would hit is counted.
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <vector>

#include "dbgalloc/debug_allocator.h"
#include "dbgalloc/options.h"

namespace {

using dbgalloc::DebugAllocator;
using dbgalloc::GuardAlignChoice;
using dbgalloc::GuardChoice;
using dbgalloc::Options;

constexpr int kDepth = 20;
constexpr size_t kSize = 64;
constexpr size_t kLive = 1024;

Options OptionsOf(GuardChoice guard) {
  Options options;
  options.guard = guard;
  options.guard_seed = 1;
  options.detect_leaks = false;
  return options;
}

double CpuNanoseconds() {
  timespec time = {};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e9 +
         static_cast<double>(time.tv_nsec);
}

// The oldest of a window of live blocks goes as a new one comes.
void Ring(DebugAllocator& memory, int pairs) {
  static void* blocks[kLive] = {};
  for (void*& block : blocks) block = memory.Allocate(kSize, 16);
  for (int i = 0; i < pairs; ++i) {
    void*& place = blocks[static_cast<size_t>(i) % kLive];
    memory.Deallocate(place, kSize, 16);
    place = memory.Allocate(kSize, 16);
  }
  for (void* block : blocks) memory.Deallocate(block, kSize, 16);
}

[[gnu::noinline]] void AtDepth(int depth, DebugAllocator& memory, int pairs) {
  if (depth == 0) {
    Ring(memory, pairs);
  } else {
    AtDepth(depth - 1, memory, pairs);
  }
  asm volatile("");  // no tail call
}

double PairCost(DebugAllocator& memory, int pairs) {
  const double begin = CpuNanoseconds();
  AtDepth(kDepth, memory, pairs);
  return (CpuNanoseconds() - begin) / pairs;
}

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

void MeasureCosts(int rounds) {
  DebugAllocator none(OptionsOf(GuardChoice::kNone));
  DebugAllocator sampled(OptionsOf(GuardChoice::kSampled));
  DebugAllocator all(OptionsOf(GuardChoice::kAll));
  std::vector<double> plain, ratios, guarded;
  for (int i = 0; i < rounds; ++i) {
    const double without = PairCost(none, 200'000);
    const double with = PairCost(sampled, 200'000);
    plain.push_back(without);
    ratios.push_back(with / without);
    guarded.push_back(PairCost(all, 20'000));
  }
  printf("guard=none     %7.1f ns a pair\n", Median(plain));
  printf("guard=sampled  %7.2f %% more\n", (Median(ratios) - 1) * 100);
  printf("guard=all      %7.0f ns a pair\n", Median(guarded));
}

struct Block {
  uintptr_t begin;
  size_t size;
};

// The kernel reads it, or refuses.
bool IsAccessible(uintptr_t address, int sink) {
  return write(sink, reinterpret_cast<const void*>(address), 1) == 1;
}

void CountStrays() {
  Options options = OptionsOf(GuardChoice::kAll);
  options.guard_align = GuardAlignChoice::kRandom;
  DebugAllocator memory(options);
  std::mt19937_64 random(1);
  std::vector<Block> blocks;
  for (int i = 0; i < 20'000; ++i) {
    const size_t size = 1 + random() % 512;
    blocks.push_back(
        {reinterpret_cast<uintptr_t>(memory.Allocate(size, 16)), size});
  }
  int pipes[2];
  if (pipe(pipes) != 0) abort();
  fcntl(pipes[0], F_SETFL, O_NONBLOCK);
  int inaccessible = 0, redzone = 0, hits = 0;
  constexpr int kStrays = 200'000;
  for (int i = 0; i < kStrays; ++i) {
    const Block& from = blocks[random() % blocks.size()];
    const uintptr_t at = from.begin + random() % (128 << 10) - (64 << 10);
    if (!IsAccessible(at, pipes[1])) {
      ++inaccessible;
      continue;
    }
    char byte;
    if (read(pipes[0], &byte, 1) != 1) abort();
    const auto* address = reinterpret_cast<const void*>(at);
    const dbgalloc::BlockDescription nearest = memory.Describe(address);
    const bool is_in_block = at - nearest.begin < nearest.size;
    memory.Owns(address) && !is_in_block ? ++redzone : ++hits;
  }
  printf("strays         %7.2f %% inaccessible, %.2f %% redzone, %.2f %% hit\n",
         100.0 * inaccessible / kStrays, 100.0 * redzone / kStrays,
         100.0 * hits / kStrays);
}

}  // namespace

int main(int argc, char** argv) {
  MeasureCosts(argc > 1 ? atoi(argv[1]) : 15);
  CountStrays();
  return 0;
}
