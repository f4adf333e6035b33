// Where each thread's last walk is kept: in a table, found by the end of the
// thread's stack, which no two living threads share. A thread-local variable
// of this size would keep libraries that contain it from being loaded late.
#ifndef DBGALLOC_ALLOC_STACK_LAST_WALKS_H_
#define DBGALLOC_ALLOC_STACK_LAST_WALKS_H_

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "alloc/stack/last_walk.h"

namespace dbgalloc::stack {

// Threads: any, signal handlers included. Memory: 6 MiB of addresses; a thread
// with traces of sixteen frames touches three pages.
class LastWalks {
 public:
  // How many stacks at once have a place.
  static constexpr size_t kPlaces = 256;

  constexpr LastWalks() = default;
  LastWalks(const LastWalks&) = delete;
  LastWalks& operator=(const LastWalks&) = delete;

  // The calling thread, whose stack ends at `high`, has ended, or will walk as
  // if it had not walked before.
  void Forget(uintptr_t high);

 private:
  friend class ScopedLastWalk;

  struct Place {
    std::atomic<uintptr_t> high{0};  // 0: nobody's
    std::atomic<bool> in_use{false};
    LastWalk walk;
  };

  // Places where a stack may be, from the first on.
  static constexpr size_t kTries = 8;
  static size_t FirstPlace(uintptr_t high) {
    return static_cast<size_t>(high * 0x9e3779b97f4a7c15u >> 56);
  }
  static_assert(kPlaces == 256, "FirstPlace() gives eight bits");

  Place* Find(uintptr_t high);
  Place* Claim(uintptr_t high);

  Place places_[kPlaces] = {};
};

// The calling thread's last walk, for as long as this lives. Null where there
// is none: in a signal handler that interrupted its use, and when too many
// other threads have one.
class ScopedLastWalk {
 public:
  ScopedLastWalk(LastWalks& walks, uintptr_t high);
  ~ScopedLastWalk();
  ScopedLastWalk(const ScopedLastWalk&) = delete;
  ScopedLastWalk& operator=(const ScopedLastWalk&) = delete;

  LastWalk* get() { return place_ == nullptr ? nullptr : &place_->walk; }

 private:
  LastWalks::Place* place_;
};

}  // namespace dbgalloc::stack

#endif  // DBGALLOC_ALLOC_STACK_LAST_WALKS_H_
