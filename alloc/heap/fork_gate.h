// Lets fork wait until no thread is in the middle of work on whole spans, which
// the child could not finish.
#ifndef DBGALLOC_ALLOC_HEAP_FORK_GATE_H_
#define DBGALLOC_ALLOC_HEAP_FORK_GATE_H_

#include <atomic>
#include <cstdint>

#include "alloc/os/host_hooks.h"

namespace dbgalloc::heap {

// Any number of threads pass at once; Close() waits for those inside and keeps
// others out until Open(). Close() must not be called from inside.
class ForkGate {
 public:
  // Inside the gate for a scope.
  class Pass {
   public:
    explicit Pass(ForkGate& gate) : gate_(gate) { gate_.Enter(); }
    ~Pass() { gate_.inside_.fetch_sub(1, std::memory_order_release); }
    Pass(const Pass&) = delete;
    Pass& operator=(const Pass&) = delete;

   private:
    ForkGate& gate_;
  };

  void Close() {
    closed_.store(true, std::memory_order_seq_cst);
    while (inside_.load(std::memory_order_seq_cst) != 0) Wait();
  }
  void Open() { closed_.store(false, std::memory_order_release); }

 private:
  void Enter() {
    for (;;) {
      inside_.fetch_add(1, std::memory_order_seq_cst);
      if (!closed_.load(std::memory_order_seq_cst)) return;
      inside_.fetch_sub(1, std::memory_order_release);
      Wait();
    }
  }
  static void Wait() {
    if (dbgalloc_host_yield != nullptr) dbgalloc_host_yield();
  }

  std::atomic<uint32_t> inside_{0};
  std::atomic<bool> closed_{false};
};

}  // namespace dbgalloc::heap

#endif  // DBGALLOC_ALLOC_HEAP_FORK_GATE_H_
