// Processes that the kernel refuses something: correct programs run on, and a
// heap bug is still reported and still ends the program with its exit code.
#include <errno.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <exception>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

namespace {

constexpr int kHealthy = 7;
constexpr int kReported = 1;  // the default of exitcode
constexpr int kCaught = 98;
constexpr int kCannotTell = 99;
constexpr uid_t kNobody = 65534;

template <typename T>
T Opaque(T value) {
  asm volatile("" : "+r"(value) : : "memory");
  return value;
}

void UseHeap() {
  std::vector<std::string> texts;
  for (size_t i = 0; i < 500; ++i) texts.emplace_back(i * 13 % 4000, 'x');
}

[[noreturn]] void LiveOn() {
  UseHeap();
  _exit(kHealthy);
}

[[noreturn]] void FreeTwice(void* block) {
  void* again = Opaque(block);
  free(block);
  free(again);
  _exit(kHealthy);
}

[[noreturn]] void FreeTwice() {
  UseHeap();
  FreeTwice(malloc(Opaque<size_t>(24)));
}

void Limit(int resource, rlim_t value) {
  struct rlimit limit = {value, value};
  if (setrlimit(static_cast<__rlimit_resource>(resource), &limit) != 0) {
    _exit(kCannotTell);
  }
}

// No limit on processes holds for the superuser.
void LimitProcesses() {
  if (getuid() == 0 && setuid(kNobody) != 0) _exit(kCannotTell);
  Limit(RLIMIT_NPROC, 1);
}

// A root folder with nothing in it.
void EnterEmptyRoot() {
  char folder[] = "/tmp/dbgalloc_rootXXXXXX";
  if (mkdtemp(folder) == nullptr) _exit(kCannotTell);
  if (chroot(folder) != 0 &&
      (unshare(CLONE_NEWUSER) != 0 || chroot(folder) != 0)) {
    _exit(kCannotTell);
  }
  if (chdir("/") != 0) _exit(kCannotTell);
}

// Runs `what` in a child, and takes one that could not set its stage for good.
template <typename Function>
void ExpectExit(int wanted, Function what) {
  pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    try {
      what();
    } catch (const std::exception& exception) {
      fprintf(stderr, "the child caught %s\n", exception.what());
    }
    _exit(kCaught);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status)) << "killed by " << WTERMSIG(status);
  if (WEXITSTATUS(status) == kCannotTell) GTEST_SKIP() << "not permitted here";
  EXPECT_EQ(WEXITSTATUS(status), wanted);
}

TEST(Limits, NoMoreProcesses) {
  ExpectExit(kHealthy, [] {
    LimitProcesses();
    for (int i = 0; i < 10; ++i) {
      pid_t child = fork();
      if (child == 0) _exit(0);
      if (child > 0) _exit(kCannotTell);
      UseHeap();
      try {
        std::thread(UseHeap).join();
      } catch (const std::system_error&) {
        UseHeap();
      }
    }
    LiveOn();
  });
}

TEST(Limits, NoMoreProcessesAndABug) {
  ExpectExit(kReported, [] {
    LimitProcesses();
    FreeTwice();
  });
}

TEST(Limits, NoMoreDescriptors) {
  ExpectExit(kHealthy, [] {
    Limit(RLIMIT_NOFILE, 3);
    LiveOn();
  });
  ExpectExit(kReported, [] {
    Limit(RLIMIT_NOFILE, 3);
    FreeTwice();
  });
}

TEST(Limits, ClosedStandardDescriptors) {
  ExpectExit(kReported, [] {
    for (int descriptor : {0, 1, 2}) close(descriptor);
    FreeTwice();
  });
}

TEST(Limits, NobodyReadsStandardError) {
  ExpectExit(kReported, [] {
    int ends[2];
    if (pipe(ends) != 0) _exit(kCannotTell);
    dup2(ends[1], 2);
    close(ends[0]);
    signal(SIGPIPE, SIG_IGN);
    FreeTwice();
  });
}

TEST(Limits, AFullDisk) {
  ExpectExit(kReported, [] {
    int full = open("/dev/full", O_WRONLY);
    if (full < 0) _exit(kCannotTell);
    dup2(full, 2);
    FreeTwice();
  });
}

TEST(Limits, AnEmptyRootWithoutProc) {
  ExpectExit(kHealthy, [] {
    EnterEmptyRoot();
    std::thread(UseHeap).join();
    LiveOn();
  });
  ExpectExit(kReported, [] {
    EnterEmptyRoot();
    FreeTwice();
  });
}

TEST(Limits, MemoryRunsOutAndComesBack) {
  ExpectExit(kHealthy, [] {
    Limit(RLIMIT_AS, rlim_t{512} << 20);
    for (int round = 0; round < 3; ++round) {
      std::vector<void*> blocks;
      blocks.reserve(100000);
      for (size_t size : {size_t{1} << 20, size_t{1} << 12}) {
        while (blocks.size() < blocks.capacity()) {
          errno = 0;
          void* block = malloc(Opaque(size));
          if (block == nullptr) {
            if (errno != ENOMEM) _exit(1);
            break;
          }
          blocks.push_back(block);
        }
      }
      if (blocks.size() < 100) _exit(2);
      for (void* block : blocks) free(block);
    }
    LiveOn();
  });
}

TEST(Limits, ABugWhenMemoryHasRunOut) {
  ExpectExit(kReported, [] {
    void* block = malloc(Opaque<size_t>(24));
    Limit(RLIMIT_AS, rlim_t{256} << 20);
    while (malloc(Opaque<size_t>(1 << 20)) != nullptr) {
    }
    while (malloc(Opaque<size_t>(1 << 12)) != nullptr) {
    }
    FreeTwice(block);
  });
}

}  // namespace
