// Things that some threads leave for another: a list without a lock, which who
// takes them takes as a whole.
#ifndef DBGALLOC_ALLOC_BASE_HAND_OVER_LIST_H_
#define DBGALLOC_ALLOC_BASE_HAND_OVER_LIST_H_

#include <atomic>

namespace dbgalloc::base {

// What the algorithms here are built from; a test that runs them in every order
// puts its own in the place (interleavings.h).
struct StandardAtomics {
  template <typename T>
  using Atomic = std::atomic<T>;
};

// Node has a member `next`, a pointer to Node. Any number of threads.
template <typename Node, typename Atomics = StandardAtomics>
class HandOverList {
 public:
  constexpr HandOverList() = default;
  HandOverList(const HandOverList&) = delete;
  HandOverList& operator=(const HandOverList&) = delete;

  bool IsEmpty() const {
    return newest_.load(std::memory_order_relaxed) == nullptr;
  }

  // What was written to the node before is seen by whoever takes it.
  void Push(Node* node) {
    Node* newest = newest_.load(std::memory_order_relaxed);
    do {
      node->next = newest;
    } while (!newest_.compare_exchange_weak(
        newest, node, std::memory_order_release, std::memory_order_relaxed));
  }

  // All there are, the newest first; null: none. No node is taken twice.
  Node* TakeAll() {
    return newest_.exchange(nullptr, std::memory_order_acquire);
  }

 private:
  typename Atomics::template Atomic<Node*> newest_{nullptr};
};

}  // namespace dbgalloc::base

#endif  // DBGALLOC_ALLOC_BASE_HAND_OVER_LIST_H_
