// A cancelled thread ends where POSIX says that it may: not inside malloc, even
// when that writes (the test runs with verbose_log=1).
#include <fcntl.h>
#include <gtest/gtest.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include <atomic>

#include "dbgalloc/c_api.h"

namespace {

std::atomic<int> steps{0};

void* AllocateWhileCancelled(void*) {
  pthread_cancel(pthread_self());
  void* volatile block = malloc(100);
  block = realloc(block, 1000);
  ++steps;
  free(block);
  ++steps;
  pthread_testcancel();
  ++steps;
  return nullptr;
}

// Standard error without the log of each call.
class Quiet {
 public:
  Quiet() : saved_(dup(2)) {
    int nowhere = open("/dev/null", O_WRONLY);
    dup2(nowhere, 2);
    close(nowhere);
  }
  ~Quiet() {
    dup2(saved_, 2);
    close(saved_);
  }

 private:
  int saved_;
};

TEST(Cancellation, DoesNotHappenInsideMalloc) {
  void* result = nullptr;
  {
    Quiet quiet;
    pthread_t thread;
    ASSERT_EQ(
        pthread_create(&thread, nullptr, &AllocateWhileCancelled, nullptr), 0);
    ASSERT_EQ(pthread_join(thread, &result), 0);
  }
  EXPECT_EQ(steps, 2);
  EXPECT_EQ(result, PTHREAD_CANCELED);
  EXPECT_EQ(dbgalloc_check_heap_now(), 0u);
}

}  // namespace
