// By a value of a POSIX thread key, as winpthreads has them, for threads of any
// origin.
#include <pthread.h>

#include <atomic>

#include "alloc/os/thread_end.h"
#include "alloc/os/windows_api.h"

namespace dbgalloc::os {
namespace {

enum class KeyState : int { kNone, kMade, kRefused };

constinit KeyState key_state = KeyState::kNone;
constinit pthread_key_t key = 0;
constinit std::atomic<void (*)()> function{nullptr};

void OnEnd(void*) { function.load(std::memory_order_acquire)(); }

// Destructors run in the order of the keys, and thread locals are a value with
// a key of their own, made when the first of them is used: this one has to be
// made before, so that the function still finds them. Whoever uses thread
// locals later in the end of the thread, and asks again, gets another round.
[[gnu::constructor(101)]] void MakeKey() {
  if (key_state != KeyState::kNone) return;
  key_state = pthread_key_create(&key, &OnEnd) == 0 ? KeyState::kMade
                                                    : KeyState::kRefused;
}

}  // namespace

bool CallAtThreadEnd(void (*ended)()) {
  LastErrorKeeper keeper;
  MakeKey();  // for constructors that run even earlier: one thread
  void (*none)() = nullptr;
  function.compare_exchange_strong(none, ended);
  return key_state == KeyState::kMade && pthread_setspecific(key, &key) == 0;
}

// Processes are not forked here.
bool CallAroundFork(void (*)(), void (*)(), void (*)()) { return true; }

}  // namespace dbgalloc::os
