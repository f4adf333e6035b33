// A lock of one byte for short critical sections that cannot allocate.
#ifndef DBGALLOC_ALLOC_BASE_SPIN_LOCK_H_
#define DBGALLOC_ALLOC_BASE_SPIN_LOCK_H_

#include <atomic>
#include <cstdint>

#include "alloc/os/host_hooks.h"

namespace dbgalloc::base {

// Test-and-test-and-set lock; after 64 failed looks it yields the processor
// each time. Not fair, not recursive. Constant-initialized; safe across fork
// when the atfork handlers take it.
class SpinLock {
 public:
  constexpr SpinLock() = default;
  SpinLock(const SpinLock&) = delete;
  SpinLock& operator=(const SpinLock&) = delete;

  bool TryLock() { return held_.exchange(1, std::memory_order_acquire) == 0; }

  void Lock() {
    if (TryLock()) return;
    LockSlow();
  }

  void Unlock() { held_.store(0, std::memory_order_release); }

  // For assertions only: whether anybody holds it.
  bool IsHeld() const { return held_.load(std::memory_order_relaxed) != 0; }

 private:
  [[gnu::noinline]] void LockSlow() {
    for (int looks = 0;; ++looks) {
      if (held_.load(std::memory_order_relaxed) == 0 && TryLock()) return;
      if (looks < 64) {
        Pause();
      } else if (dbgalloc_host_yield != nullptr) {
        dbgalloc_host_yield();
      }
    }
  }

  static void Pause() {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
  }

  std::atomic<uint8_t> held_{0};
};

// Holds a lock for a scope.
class SpinLockHolder {
 public:
  explicit SpinLockHolder(SpinLock& lock) : lock_(lock) { lock_.Lock(); }
  ~SpinLockHolder() { lock_.Unlock(); }
  SpinLockHolder(const SpinLockHolder&) = delete;
  SpinLockHolder& operator=(const SpinLockHolder&) = delete;

 private:
  SpinLock& lock_;
};

}  // namespace dbgalloc::base

#endif  // DBGALLOC_ALLOC_BASE_SPIN_LOCK_H_
