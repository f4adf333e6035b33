// Kernels that lack a service: each is played in a child, and what takes its
// place is seen.
#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <string>
#include <thread>

#include "alloc/base/shielded_memory.h"
#include "alloc/debug_allocator_test_support.h"
#include "alloc/os/mapping_budget.h"
#include "alloc/os/memory_map.h"
#include "alloc/os/missing_service.h"
#include "alloc/os/pages.h"
#include "alloc/os/thread.h"
#include "dbgalloc/page_allocator.h"

namespace dbgalloc {
namespace {

using os::Service;
using os::TakeAway;
using testing_support::RecordingSink;

constexpr int kAsItShould = 0;
constexpr int kWrong = 1;
constexpr int kCannotBePlayed = 77;

#define WANT(condition)                          \
  if (!(condition)) {                            \
    fprintf(stderr, "not so: %s\n", #condition); \
    _exit(kWrong);                               \
  }

// Runs `body` in a child that lacks the service.
void InChildWithout(Service service, void (*body)()) {
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    if (!TakeAway(service)) _exit(kCannotBePlayed);
    body();
    _exit(kAsItShould);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status)) << "signal " << WTERMSIG(status);
  if (WEXITSTATUS(status) == kCannotBePlayed) {
    GTEST_SKIP() << "no filter of system calls can be set here";
  }
  EXPECT_EQ(WEXITSTATUS(status), kAsItShould);
}

size_t CountMappings() {
  size_t count = 0;
  os::ForEachMapping(
      [](void* context, const os::Mapping&) {
        ++*static_cast<size_t*>(context);
      },
      &count);
  return count;
}

// Allocates, frees, and lets a double free be found.
void UseAllocator(const Options& options) {
  RecordingSink sink;
  PageAllocator pages;
  DebugAllocator memory(pages, options, sink);
  WANT(memory.ok());
  constexpr int kBlocks = 64;
  void* blocks[kBlocks];
  for (int i = 0; i < kBlocks; ++i) {
    blocks[i] = memory.Allocate(100 + i, 8);
    WANT(blocks[i] != nullptr);
    memset(blocks[i], i, 100 + i);
  }
  for (int i = 0; i < kBlocks; ++i) memory.Deallocate(blocks[i], 100 + i, 8);
  WANT(sink.errors().empty());
  memory.Deallocate(blocks[7], 107, 8);
  WANT(sink.errors().size() == 1);
  WANT(sink.errors()[0].kind == ErrorKind::kDoubleFree);
  WANT(memory.Finish() == Verdict::kOk);
}

Options Guarded() {
  Options options;
  options.halt_on_error = false;
  options.guard = GuardChoice::kAll;
  options.guard_seed = 1;
  return options;
}

// A guard by protection splits the mapping that it lies in; a marker does not.
void GuardsAreMappings() {
  char* pages = static_cast<char*>(os::MapPages(16 * os::PageSize(), 1));
  WANT(pages != nullptr);
  const size_t before = CountMappings();
  WANT(os::RetirePages(pages + 4 * os::PageSize(), os::PageSize()));
  WANT(CountMappings() >= before + 2);
  UseAllocator(Guarded());
}

TEST(MissingService, GuardsWithoutMarkersAreMappings) {
  InChildWithout(Service::kGuardMarkers, &GuardsAreMappings);
}

// The metadata stays where it can be written; mprotect is there for who asks.
void KeysAreNot() {
  WANT(base::StartShield(base::ShieldMode::kKeys) == base::ShieldMode::kOff);
  WANT(base::StartShield(base::ShieldMode::kMprotect) ==
       base::ShieldMode::kMprotect);
  UseAllocator(Guarded());
}

TEST(MissingService, WithoutProtectionKeysPagesAreProtectedInTheirPlace) {
  InChildWithout(Service::kProtectionKeys, &KeysAreNot);
}

void ThreadsWork() {
  bool done = false;
  std::thread([&] {
    UseAllocator(Guarded());
    done = true;
  }).join();
  WANT(done);
}

void WithoutClone3() {
  errno = 0;
  WANT(syscall(435, nullptr, 0) == -1 && errno == ENOSYS);
  ThreadsWork();
}

TEST(MissingService, ThreadsAreMadeWithoutClone3) {
  InChildWithout(Service::kClone3, &WithoutClone3);
}

void WithoutMembarrier() {
  errno = 0;
  WANT(syscall(SYS_membarrier, 0, 0, 0) == -1 && errno == ENOSYS);
  ThreadsWork();
}

TEST(MissingService, NothingWaitsForMembarrier) {
  InChildWithout(Service::kMembarrier, &WithoutMembarrier);
}

void WithoutProc() {
  WANT(!std::ifstream("/proc/self/maps").is_open());
  WANT(!os::ForEachMapping([](void*, const os::Mapping&) {}, nullptr));
  // Of the number that the kernel allows by default.
  WANT(os::TakeMappings(1000));
  int on_stack = 0;
  const os::StackBounds bounds = os::CurrentStackBounds();
  WANT(reinterpret_cast<uintptr_t>(&on_stack) - bounds.low <
       bounds.high - bounds.low);
  ThreadsWork();
}

TEST(MissingService, WithoutProcNumbersAreAssumed) {
  InChildWithout(Service::kProc, &WithoutProc);
}

}  // namespace
}  // namespace dbgalloc
