#include <limits.h>
#include <pthread.h>

#include <atomic>

#include "alloc/os/errno_keeper.h"
#include "alloc/os/thread_end.h"

namespace dbgalloc::os {
namespace {

enum class KeyState : int { kNone, kBeingMade, kMade, kRefused };

constinit std::atomic<KeyState> key_state{KeyState::kNone};
constinit pthread_key_t key = 0;
constinit std::atomic<void (*)()> function{nullptr};
[[gnu::tls_model("initial-exec")]] constinit thread_local int rounds = 0;

// Destructors of other keys may still use what `function` ends. The last round
// is left to those who come after it, and to sanitizers' own end of a thread.
constexpr int kRound = PTHREAD_DESTRUCTOR_ITERATIONS - 1;

void OnEnd(void* value) {
  if (++rounds < kRound) {
    pthread_setspecific(key, value);
    return;
  }
  function.load(std::memory_order_acquire)();
}

bool MakeKey() {
  KeyState none = KeyState::kNone;
  if (key_state.compare_exchange_strong(none, KeyState::kBeingMade)) {
    bool made = pthread_key_create(&key, &OnEnd) == 0;
    key_state.store(made ? KeyState::kMade : KeyState::kRefused);
  }
  KeyState state = key_state.load();
  while (state == KeyState::kBeingMade) {
    sched_yield();
    state = key_state.load();
  }
  return state == KeyState::kMade;
}

}  // namespace

bool CallAtThreadEnd(void (*ended)()) {
  ErrnoKeeper keeper;
  void (*none)() = nullptr;
  function.compare_exchange_strong(none, ended);
  return MakeKey() && pthread_setspecific(key, &key) == 0;
}

bool CallAroundFork(void (*prepare)(), void (*in_parent)(),
                    void (*in_child)()) {
  return pthread_atfork(prepare, in_parent, in_child) == 0;
}

}  // namespace dbgalloc::os
