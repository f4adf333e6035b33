#include <pthread.h>
#include <signal.h>
#include <time.h>

#include "alloc/os/errno_keeper.h"
#include "alloc/os/helper_thread.h"
#include "alloc/os/pages.h"

namespace dbgalloc::os {
namespace {

struct Start {
  void (*work)(void* argument);
  void* argument;
};

void* Run(void* argument) {
  const Start start = *static_cast<Start*>(argument);
  ReleasePages(argument, PageSize());
  start.work(start.argument);
  return nullptr;
}

// With every signal blocked, as the new thread inherits it.
bool Create(Start* start) {
  pthread_attr_t attributes;
  if (pthread_attr_init(&attributes) != 0) return false;
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_t thread;
  const bool created = pthread_create(&thread, &attributes, &Run, start) == 0;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  pthread_attr_destroy(&attributes);
  return created;
}

}  // namespace

bool StartHelperThread(void (*work)(void* argument), void* argument) {
  ErrnoKeeper keeper;
  void* page = MapPages(PageSize(), PageSize());
  if (page == nullptr) return false;
  auto* start = static_cast<Start*>(page);
  *start = {work, argument};
  if (Create(start)) return true;
  ReleasePages(page, PageSize());
  return false;
}

void SleepNanoseconds(uint64_t duration) {
  ErrnoKeeper keeper;
  struct timespec time = {};
  time.tv_sec = static_cast<time_t>(duration / 1'000'000'000);
  time.tv_nsec = static_cast<long>(duration % 1'000'000'000);
  nanosleep(&time, nullptr);
}

}  // namespace dbgalloc::os
