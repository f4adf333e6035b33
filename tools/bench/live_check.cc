// What a leak check costs a running process: how long a thread stands still,
// beside a bare fork of the same process, and what the first writes to pages
// cost while the copy lives.
//
//   live_check [BLOCKS [BYTES [huge]]]   by default a million blocks of 4 KiB
//
// With `huge` the kernel is asked to put the heap on huge pages, where its
// setting "always" would have put it.
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <vector>

#include "dbgalloc/c_api.h"

namespace {

constexpr int kRounds = 5;
constexpr int kCollapse = 25;  // MADV_COLLAPSE

double Now() {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<double>(time.tv_sec) * 1e3 +
         static_cast<double>(time.tv_nsec) / 1e6;
}

size_t Argument(int argc, char** argv, int index, size_t otherwise) {
  return index < argc ? strtoull(argv[index], nullptr, 10) : otherwise;
}

void AskForHugePages() {
  struct Range {
    uintptr_t begin, end;
  };
  std::vector<Range> ranges;
  FILE* maps = fopen("/proc/self/maps", "r");
  char line[512];
  while (fgets(line, sizeof(line), maps) != nullptr) {
    Range range;
    char access[8];
    if (sscanf(line, "%lx-%lx %7s", &range.begin, &range.end, access) == 3 &&
        strncmp(access, "rw-p", 4) == 0) {
      ranges.push_back(range);
    }
  }
  fclose(maps);
  constexpr uintptr_t kHuge = uintptr_t{2} << 20;
  for (const Range& range : ranges) {
    uintptr_t at = (range.begin + kHuge - 1) & ~(kHuge - 1);
    for (; at + kHuge <= range.end; at += kHuge) {
      madvise(reinterpret_cast<void*>(at), kHuge, kCollapse);
    }
  }
}

// Milliseconds of the longest gap in a thread that does nothing but look at
// the clock.
std::atomic<bool> watching{true};
std::atomic<double> longest{0};
void Watch() {
  double before = Now();
  while (watching.load(std::memory_order_relaxed)) {
    const double now = Now();
    if (now - before > longest.load()) longest.store(now - before);
    before = now;
  }
}

double BareFork() {
  const double start = Now();
  const pid_t child = fork();
  if (child == 0) _exit(0);
  const double forked = Now() - start;
  waitpid(child, nullptr, 0);
  return forked;
}

// Microseconds a page, of the first write to each of many.
double WriteToPages(const std::vector<char*>& blocks) {
  const size_t count = std::min<size_t>(blocks.size(), 100000);
  const double start = Now();
  for (size_t i = 0; i < count; ++i) blocks[i][0] = 1;
  return (Now() - start) * 1e3 / static_cast<double>(count);
}

// While a copy of the process sleeps.
double WriteBesideCopy(const std::vector<char*>& blocks) {
  const pid_t child = fork();
  if (child == 0) {
    sleep(1);
    _exit(0);
  }
  const double cost = WriteToPages(blocks);
  waitpid(child, nullptr, 0);
  return cost;
}

long KilobytesOf(const char* label) {
  FILE* file = fopen("/proc/self/smaps_rollup", "r");
  char line[256];
  long value = 0;
  while (fgets(line, sizeof(line), file) != nullptr) {
    if (strncmp(line, label, strlen(label)) == 0) {
      value = strtol(line + strlen(label), nullptr, 10);
    }
  }
  fclose(file);
  return value;
}

}  // namespace

int main(int argc, char** argv) {
  const size_t count = Argument(argc, argv, 1, 1000000);
  const size_t size = Argument(argc, argv, 2, 4096);
  static std::vector<char*> blocks(count);
  for (char*& block : blocks) {
    block = static_cast<char*>(malloc(size));
    memset(block, 'x', size);
  }
  if (argc > 3) AskForHugePages();
  printf("%.1f GiB resident, of them %.1f GiB in huge pages\n",
         static_cast<double>(KilobytesOf("Rss:")) / (1 << 20),
         static_cast<double>(KilobytesOf("AnonHugePages:")) / (1 << 20));
  std::thread watcher(Watch);
  for (int round = 0; round < kRounds; ++round) {
    const double bare = BareFork();
    longest.store(0);
    const double start = Now();
    const size_t leaks = dbgalloc_check_leaks_now();
    const double whole = Now() - start;
    printf(
        "bare fork %.1f ms; check: a thread stood still for %.1f ms, the "
        "answer (%zu leaks) came after %.0f ms\n",
        bare, longest.load(), leaks, whole);
  }
  watching.store(false);
  watcher.join();
  const double alone = WriteToPages(blocks);
  const double beside = WriteBesideCopy(blocks);
  printf("a first write to a page: %.2f us beside a copy, %.2f us alone\n",
         beside, alone);
  return 0;
}
