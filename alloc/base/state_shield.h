// Keeps stray writes of the program off the allocator's state: while no thread
// is inside the allocator, or at least not this one, shielded memory cannot be
// written to.
//
//   the program runs     state can be read only
//   ScopedOpenState      the allocator may write
//   ScopedClosedState    the program's code is called from in there
//
// Off until somebody turns it on (shielded_memory.h): then a scope costs one
// predictable branch at each end. Needs no operating system, so that the
// portable core can mark its entries.
#ifndef DBGALLOC_ALLOC_BASE_STATE_SHIELD_H_
#define DBGALLOC_ALLOC_BASE_STATE_SHIELD_H_

#include <cstdint>

namespace dbgalloc::base {

// What opening and closing does, set once before threads exist; null: off.
// Scopes nest: `open` and `close` count for each thread.
struct StateShield {
  void (*open)() = nullptr;
  void (*close)() = nullptr;
  // Closes whatever the count, and returns it; goes back to a count.
  uint32_t (*suspend)() = nullptr;
  void (*resume)(uint32_t count) = nullptr;
};

inline constinit StateShield state_shield;

// While one is alive, this thread may write to shielded memory.
class ScopedOpenState {
 public:
  ScopedOpenState() : is_on_(state_shield.open != nullptr) {
    if (__builtin_expect(is_on_, 0)) state_shield.open();
  }
  ~ScopedOpenState() {
    if (__builtin_expect(is_on_, 0)) state_shield.close();
  }
  ScopedOpenState(const ScopedOpenState&) = delete;
  ScopedOpenState& operator=(const ScopedOpenState&) = delete;

 private:
  const bool is_on_;  // it may be turned on meanwhile
};

// While one is alive, it may not, whatever scopes are around.
class ScopedClosedState {
 public:
  ScopedClosedState() : is_on_(state_shield.suspend != nullptr) {
    if (__builtin_expect(is_on_, 0)) count_ = state_shield.suspend();
  }
  ~ScopedClosedState() {
    if (__builtin_expect(is_on_, 0)) state_shield.resume(count_);
  }
  ScopedClosedState(const ScopedClosedState&) = delete;
  ScopedClosedState& operator=(const ScopedClosedState&) = delete;

 private:
  const bool is_on_;
  uint32_t count_ = 0;
};

}  // namespace dbgalloc::base

#endif  // DBGALLOC_ALLOC_BASE_STATE_SHIELD_H_
