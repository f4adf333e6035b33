// fork in a process whose other threads are busy in the heap: the child finds
// every lock free, allocates, frees what its parent allocated, and may exec.
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

namespace {

constexpr int kPatienceSeconds = 40;

// Threads that allocate and free all sizes for as long as it lives.
class HeapLoad {
 public:
  explicit HeapLoad(int threads) {
    for (int i = 0; i < threads; ++i) {
      threads_.emplace_back([this, i] { Run(static_cast<size_t>(i)); });
    }
  }
  ~HeapLoad() {
    stop_ = true;
    for (std::thread& thread : threads_) thread.join();
  }

 private:
  void Run(size_t seed) {
    std::vector<void*> blocks(50);
    for (size_t i = seed; !stop_; ++i) {
      void*& block = blocks[i % blocks.size()];
      free(block);
      block = malloc(i % 997 == 0 ? 300000 : i * 31 % 3000);
      if (i % 11 == 0) block = realloc(block, i * 17 % 9000 + 1);
    }
    for (void* block : blocks) free(block);
  }

  std::atomic<bool> stop_{false};
  std::vector<std::thread> threads_;
};

void UseHeap() {
  std::vector<std::string> texts;
  for (size_t i = 0; i < 500; ++i) texts.emplace_back(i * 13 % 4000, 'x');
}

// The status of a child; a child that hangs is killed, which is a failure.
int StatusOf(pid_t child) {
  const time_t start = time(nullptr);
  for (;;) {
    int status = 0;
    if (waitpid(child, &status, WNOHANG) == child) return status;
    if (time(nullptr) - start > kPatienceSeconds) {
      kill(child, SIGKILL);
      waitpid(child, &status, 0);
      return status;
    }
    usleep(500);
  }
}

TEST(Fork, ChildrenOfABusyProcessAllocate) {
  std::vector<std::string> of_parent(100, std::string(100, 'p'));
  HeapLoad load(2);
  for (int i = 0; i < 30; ++i) {
    pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      of_parent.clear();
      UseHeap();
      _exit(5);
    }
    int status = StatusOf(child);
    ASSERT_TRUE(WIFEXITED(status)) << "killed by " << WTERMSIG(status);
    ASSERT_EQ(WEXITSTATUS(status), 5);
  }
}

TEST(Fork, ChildrenStartThreadsAndFork) {
  HeapLoad load(2);
  for (int i = 0; i < 8; ++i) {
    pid_t child = fork();
    if (child == 0) {
      std::thread one(UseHeap);
      std::thread two(UseHeap);
      pid_t grandchild = fork();
      if (grandchild == 0) {
        UseHeap();
        _exit(3);
      }
      int status = StatusOf(grandchild);
      one.join();
      two.join();
      _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
    }
    int status = StatusOf(child);
    ASSERT_TRUE(WIFEXITED(status)) << "killed by " << WTERMSIG(status);
    ASSERT_EQ(WEXITSTATUS(status), 3);
  }
}

TEST(Fork, ChildrenExec) {
  HeapLoad load(2);
  for (int i = 0; i < 8; ++i) {
    pid_t child = fork();
    if (child == 0) {
      execl("/bin/sh", "sh", "-c", "exit 4", nullptr);
      _exit(1);
    }
    int status = StatusOf(child);
    ASSERT_TRUE(WIFEXITED(status));
    ASSERT_EQ(WEXITSTATUS(status), 4);
  }
}

TEST(Fork, SeveralThreadsForkAtOnce) {
  HeapLoad load(2);
  std::atomic<int> good{0};
  std::vector<std::thread> forkers;
  for (int i = 0; i < 4; ++i) {
    forkers.emplace_back([&good] {
      for (int k = 0; k < 5; ++k) {
        pid_t child = fork();
        if (child == 0) {
          UseHeap();
          _exit(6);
        }
        int status = StatusOf(child);
        if (WIFEXITED(status) && WEXITSTATUS(status) == 6) ++good;
      }
    });
  }
  for (std::thread& forker : forkers) forker.join();
  EXPECT_EQ(good, 20);
}

// Handlers that others registered, before or after ours, allocate and free
// while our locks may be held.
struct Kept {
  ~Kept() { free(block); }
  void* block = nullptr;
};
thread_local Kept kept_for_fork;
void AllocateInHandler() {
  free(kept_for_fork.block);
  kept_for_fork.block = malloc(100);
  UseHeap();
}
const int registered =
    pthread_atfork(AllocateInHandler, AllocateInHandler, AllocateInHandler);

TEST(Fork, HandlersOfOthersMayAllocate) {
  ASSERT_EQ(registered, 0);
  free(kept_for_fork.block);
  kept_for_fork.block = malloc(200);
  pid_t child = fork();
  if (child == 0) {
    UseHeap();
    _exit(8);
  }
  int status = StatusOf(child);
  ASSERT_TRUE(WIFEXITED(status)) << "killed by " << WTERMSIG(status);
  EXPECT_EQ(WEXITSTATUS(status), 8);
}

}  // namespace
