// An allocator that fails on purpose: the way to see how code takes it when
// memory runs out, at each place where that can happen.
//
//   dbgalloc::DebugAllocator checked;
//   dbgalloc::FailingAllocator memory(checked);
//   memory.SetFailIndex(2);  // the first two succeed, the third one fails
//
// The indices come from DBGALLOC_OPTIONS, too: fail_index, resize_fail_index.
#ifndef DBGALLOC_ALLOC_FAILING_ALLOCATOR_H_
#define DBGALLOC_ALLOC_FAILING_ALLOCATOR_H_

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "dbgalloc/allocator.h"
#include "dbgalloc/error_sink.h"
#include "dbgalloc/options.h"

namespace dbgalloc {

// What went through one allocator. Bytes are requested bytes; a resize that
// succeeded books the difference.
struct FailingAllocatorCounters {
  uint64_t allocation_index = 0;  // of the next allocation
  uint64_t resize_index = 0;      // of the next resize or remap
  uint64_t allocations = 0;       // that succeeded
  uint64_t deallocations = 0;
  uint64_t allocated_bytes = 0;
  uint64_t freed_bytes = 0;
};

// A failure that this allocator made.
struct InducedFailure {
  bool is_known = false;  // false: there was none
  bool is_resize = false;
  uint64_t index = 0;  // of the allocation or resize that failed
  uint32_t stack = 0;  // stack id of the caller; 0: not recorded
};

// Passes everything to `inner`, until the index of the next allocation (counted
// from 0) reaches the fail index: from then on each one is refused, and the
// index stays. The same for resizes, remaps included, which have an index of
// their own. Only what succeeds advances an index; what `inner` refuses is not
// an induced failure. Deallocation always passes.
//
// Each induced failure is a note (induced-failure) to the error sink, with the
// stack of whoever asked.
//
// Threads: as `inner`. Each index is given to one operation, so of several
// threads at the limit exactly as many succeed as there is room for.
class FailingAllocator final : public Allocator {
 public:
  // An index that is never reached.
  static constexpr uint64_t kNever = UINT64_MAX;

  // Over pages of the system, with the environment's options.
  FailingAllocator();
  // Over `inner`, which must outlive this.
  explicit FailingAllocator(Allocator& inner);
  FailingAllocator(Allocator& inner, const Options& options);

  FailingAllocator(const FailingAllocator&) = delete;
  FailingAllocator& operator=(const FailingAllocator&) = delete;

  void* Allocate(size_t size, size_t alignment) override;
  bool Resize(void* block, size_t size, size_t alignment,
              size_t new_size) override;
  void* Remap(void* block, size_t size, size_t alignment,
              size_t new_size) override;
  void Deallocate(void* block, size_t size, size_t alignment) override;
  PageControl* page_control() override { return inner_.page_control(); }

  // May be moved at any time; raising it lets allocations through again.
  void SetFailIndex(uint64_t index) { allocations_.SetLimit(index); }
  void SetResizeFailIndex(uint64_t index) { resizes_.SetLimit(index); }

  bool has_induced_failure() const { return first_failure().is_known; }
  InducedFailure first_failure() const;
  InducedFailure last_failure() const;

  // Where notes of induced failures go from now on; null: nowhere. Not while
  // other threads use the allocator. By default they go where reports go.
  void SetErrorSink(ErrorSink* sink) { sink_ = sink; }

  FailingAllocatorCounters counters() const;

 private:
  // Hands out indices up to a limit.
  class Gate {
   public:
    // False: `*index` has reached the limit. Else it is the caller's.
    bool Take(uint64_t* index);
    // The operation that took an index did not succeed.
    void GiveBack() { next_.fetch_sub(1); }
    void SetLimit(uint64_t limit) { limit_.store(limit); }
    uint64_t next() const { return next_.load(); }

   private:
    std::atomic<uint64_t> next_{0};
    std::atomic<uint64_t> limit_{kNever};
  };

  // Room for the default sink, which knows this allocator's options.
  static constexpr size_t kSinkSize = 2 * sizeof(void*);

  void NoteFailure(const ErrorRecord& request, uint64_t index);
  void LockFailures() const;
  void UnlockFailures() const { failures_locked_.store(false); }
  void BookResize(size_t size, size_t new_size);

  Allocator& inner_;
  Options options_;
  alignas(void*) unsigned char sink_storage_[kSinkSize];
  ErrorSink* sink_ = nullptr;
  Gate allocations_;
  Gate resizes_;
  std::atomic<uint64_t> deallocations_{0};
  std::atomic<uint64_t> allocated_bytes_{0};
  std::atomic<uint64_t> freed_bytes_{0};
  mutable std::atomic<bool> failures_locked_{false};
  InducedFailure first_failure_;
  InducedFailure last_failure_;
};

}  // namespace dbgalloc

#endif  // DBGALLOC_ALLOC_FAILING_ALLOCATOR_H_
