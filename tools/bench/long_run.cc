// What a long run leaves behind: resident memory and page tables as pairs of
// malloc and free go on, and what a fork costs at the end.
//
//   long_run [PAIRS]
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

constexpr long kSteps = 10;
constexpr int kForks = 21;

// Kibibytes, of a line of /proc/self/status.
long Kibibytes(const char* name) {
  FILE* file = fopen("/proc/self/status", "r");
  long value = 0;
  char line[256];
  while (file != nullptr && fgets(line, sizeof(line), file) != nullptr) {
    if (strncmp(line, name, strlen(name)) == 0) {
      value = atol(line + strlen(name));
    }
  }
  if (file != nullptr) fclose(file);
  return value;
}

double CpuMilliseconds() {
  timespec time = {};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e3 +
         static_cast<double>(time.tv_nsec) / 1e6;
}

// The median.
double ForkMilliseconds() {
  double taken[kForks];
  for (double& one : taken) {
    const double begin = CpuMilliseconds();
    const pid_t child = fork();
    if (child == 0) _exit(0);
    one = CpuMilliseconds() - begin;
    waitpid(child, nullptr, 0);
  }
  std::sort(taken, taken + kForks);
  return taken[kForks / 2];
}

// One of 64 live blocks of 33 to 96 bytes is replaced by another.
void Replace(uint64_t* random) {
  static void* blocks[64] = {};
  *random = *random * 6364136223846793005u + 1442695040888963407u;
  void*& place = blocks[(*random >> 50) % 64];
  free(place);
  place = malloc(33 + (*random >> 33) % 64);
}

}  // namespace

int main(int count, char** arguments) {
  const long pairs = count > 1 ? atol(arguments[1]) : 100'000'000;
  const double fork_before = ForkMilliseconds();
  uint64_t random = 1;
  for (long step = 1; step <= kSteps; ++step) {
    for (long i = 0; i < pairs / kSteps; ++i) Replace(&random);
    printf("%ld pairs: %ld KiB resident, %ld KiB of page tables\n",
           pairs / kSteps * step, Kibibytes("VmRSS:"), Kibibytes("VmPTE:"));
  }
  printf("fork: %.3f ms before, %.3f ms after\n", fork_before,
         ForkMilliseconds());
  return 0;
}
