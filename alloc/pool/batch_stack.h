// The shared list of a size class: a stack of batches, each a magazine that one
// thread's cache gave up as a whole.
//
//   head: | first batch | tag, number of batches |
//            |
//            v a magazine                       the next one
//         | next + count | blocks... | ----->  | next + count | blocks... |
//
// One 128-bit compare-and-swap moves a batch, however long it is. The tag
// counts the changes, so that a thread which looked at a batch, slept, and
// finds the same batch again under another list does not install what it
// remembers as the next one. Where the processor lacks the instruction, a lock
// guards the same steps.
//
// A thread may read the first word of a batch that another has just taken. The
// compare-and-swap then fails; the memory of magazines stays mapped as long as
// the pool.
#ifndef DBGALLOC_ALLOC_POOL_BATCH_STACK_H_
#define DBGALLOC_ALLOC_POOL_BATCH_STACK_H_

#include <cstddef>
#include <cstdint>

#include "alloc/base/spin_lock.h"
#include "alloc/base/tagged_pointer.h"
#include "alloc/os/host_hooks.h"

namespace dbgalloc::pool {

struct Batch {
  uintptr_t first = 0;  // address of its first word; 0: none
  uint32_t count = 0;   // blocks, at most kMaxBatch
};

inline constexpr uint32_t kMaxBatch = (1u << 16) - 1;

// How a stack replaces its head.
enum class StackForm : uint8_t { kInstruction, kLock };

// How a stack reaches memory, and what happens between looking at the head and
// replacing it. Tests let other threads' steps happen there, leave the tag out,
// or run all steps in every order.
struct NoStackHooks {
  static constexpr bool kTagged = true;
  static void BetweenLoadAndSwap() {}
  static base::TaggedPointer LoadHead(const base::TaggedPointer& head) {
    return base::LoadTagged(head);
  }
  static bool SwapHead(base::TaggedPointer& head, base::TaggedPointer expected,
                       base::TaggedPointer desired) {
    return base::CompareAndSwap(head, expected, desired);
  }
  static uint64_t LoadLink(const uint64_t* link) {
    return __atomic_load_n(link, __ATOMIC_RELAXED);
  }
  static void StoreLink(uint64_t* link, uint64_t value) {
    __atomic_store_n(link, value, __ATOMIC_RELAXED);
  }
};

// Any number of threads. Lock-free in the form kInstruction: of the threads
// that collide, one always succeeds; a thread that lost five times in a row
// yields.
template <typename Hooks = NoStackHooks>
class BasicBatchStack {
 public:
  constexpr BasicBatchStack() = default;
  BasicBatchStack(const BasicBatchStack&) = delete;
  BasicBatchStack& operator=(const BasicBatchStack&) = delete;

  // Before first use.
  void Init(StackForm form) { form_ = form; }

  // The first word of the batch becomes the stack's. The others are left alone.
  void Push(Batch batch);

  // Null `first` when there is none.
  Batch Pop();

  // May be out of date when it is returned.
  size_t batches() const { return base::LoadTagged(head_).tag & kBatchesMask; }

  // Around fork: nobody is in the middle of the locked form.
  base::SpinLock& lock() { return lock_; }

 private:
  static constexpr unsigned kCountShift = 48;
  static constexpr uint64_t kPointerMask = (uint64_t{1} << kCountShift) - 1;
  // The tag's low bits count batches.
  static constexpr uintptr_t kBatchesMask = 0xffff;
  static constexpr uintptr_t kTagStep = kBatchesMask + 1;
  static constexpr int kPatience = 5;

  static uint64_t* LinkOf(uintptr_t block) {
    return reinterpret_cast<uint64_t*>(block);
  }
  static uintptr_t Next(uint64_t link) {
    return static_cast<uintptr_t>(link & kPointerMask);
  }
  static uintptr_t NextTag(uintptr_t tag, int added) {
    uintptr_t step = Hooks::kTagged ? kTagStep : 0;
    return tag + step + static_cast<uintptr_t>(added);
  }
  static void LinkBatch(const Batch& batch, uintptr_t next) {
    Hooks::StoreLink(LinkOf(batch.first),
                     next | (uint64_t{batch.count} << kCountShift));
  }
  static void Lose(int& losses) {
    if (++losses % kPatience == 0 && dbgalloc_host_yield != nullptr) {
      dbgalloc_host_yield();
    }
  }

  void PushLocked(const Batch& batch);
  Batch PopLocked();

  base::TaggedPointer head_;
  base::SpinLock lock_;
  StackForm form_ = StackForm::kLock;
};

using BatchStack = BasicBatchStack<>;

// The form for this processor and build.
StackForm BestStackForm();
// Pools that are made from now on do without the instruction.
void ForceLockedStacksForTesting();

template <typename Hooks>
void BasicBatchStack<Hooks>::Push(Batch batch) {
  if (form_ == StackForm::kLock) return PushLocked(batch);
  int losses = 0;
  for (;;) {
    base::TaggedPointer seen = Hooks::LoadHead(head_);
    LinkBatch(batch, seen.pointer);
    Hooks::BetweenLoadAndSwap();
    base::TaggedPointer wanted{batch.first, NextTag(seen.tag, 1)};
    if (Hooks::SwapHead(head_, seen, wanted)) return;
    Lose(losses);
  }
}

template <typename Hooks>
Batch BasicBatchStack<Hooks>::Pop() {
  if (form_ == StackForm::kLock) return PopLocked();
  int losses = 0;
  for (;;) {
    base::TaggedPointer seen = Hooks::LoadHead(head_);
    if (seen.pointer == 0) return {};
    uint64_t link = Hooks::LoadLink(LinkOf(seen.pointer));
    Hooks::BetweenLoadAndSwap();
    base::TaggedPointer wanted{Next(link), NextTag(seen.tag, -1)};
    if (Hooks::SwapHead(head_, seen, wanted)) {
      return {seen.pointer, static_cast<uint32_t>(link >> kCountShift)};
    }
    Lose(losses);
  }
}

template <typename Hooks>
void BasicBatchStack<Hooks>::PushLocked(const Batch& batch) {
  base::SpinLockHolder holder(lock_);
  LinkBatch(batch, head_.pointer);
  __atomic_store_n(&head_.pointer, batch.first, __ATOMIC_RELAXED);
  __atomic_store_n(&head_.tag, NextTag(head_.tag, 1), __ATOMIC_RELAXED);
}

template <typename Hooks>
Batch BasicBatchStack<Hooks>::PopLocked() {
  base::SpinLockHolder holder(lock_);
  if (head_.pointer == 0) return {};
  uintptr_t first = head_.pointer;
  uint64_t link = *LinkOf(first);
  __atomic_store_n(&head_.pointer, Next(link), __ATOMIC_RELAXED);
  __atomic_store_n(&head_.tag, NextTag(head_.tag, -1), __ATOMIC_RELAXED);
  return {first, static_cast<uint32_t>(link >> kCountShift)};
}

}  // namespace dbgalloc::pool

#endif  // DBGALLOC_ALLOC_POOL_BATCH_STACK_H_
