// An allocator that fails on purpose: the way to see how code takes it when
// memory runs out, at each place where that can happen.
//
//   dbgalloc::DebugAllocator checked;
//   dbgalloc::FailingAllocator memory(checked);
//   memory.SetFailIndex(2);  // the first two succeed, the third one fails
//
// Which requests fail comes from DBGALLOC_OPTIONS, too: fail_index,
// resize_fail_index and the other fail_* flags (docs/flags.md).
#ifndef DBGALLOC_ALLOC_FAILING_ALLOCATOR_H_
#define DBGALLOC_ALLOC_FAILING_ALLOCATOR_H_

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
// an induced failure. Deallocation always passes. The options' fail_* flags
// choose among the requests from the index on: one only, every nth, by
// probability, size or calling stack.
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
  ~FailingAllocator();

  FailingAllocator(const FailingAllocator&) = delete;
  FailingAllocator& operator=(const FailingAllocator&) = delete;

  void* Allocate(size_t size, size_t alignment) override;
  bool Resize(void* block, size_t size, size_t alignment,
              size_t new_size) override;
  void* Remap(void* block, size_t size, size_t alignment,
              size_t new_size) override;
  void Deallocate(void* block, size_t size, size_t alignment) override;
  PageControl* page_control() override { return inner_.page_control(); }

  // May be moved at any time; raising it lets allocations through again, and
  // what fail_count or fail_mode=once allows is counted anew.
  void SetFailIndex(uint64_t index);
  void SetResizeFailIndex(uint64_t index);

  // Bytes that may live at once; a request that would go beyond fails, as
  // induced as by its index. kNever: no bound, as at first. What lives already
  // above it stays.
  void SetByteBudget(uint64_t bytes);

  // Back to the beginning: indices and counters are 0, no failure is known. The
  // indices that fail stay as they are. Blocks that live still count against
  // the byte budget. Not while other threads use the allocator.
  void Reset();

  bool has_induced_failure() const { return first_failure().is_known; }
  InducedFailure first_failure() const;
  InducedFailure last_failure() const;

  // Where notes of induced failures go from now on; null: nowhere. Not while
  // other threads use the allocator. By default they go where reports go.
  void SetErrorSink(ErrorSink* sink);

  FailingAllocatorCounters counters() const;

 private:
  struct State;
  static constexpr size_t kStateSize = 704;

  State& state() { return *reinterpret_cast<State*>(state_); }
  const State& state() const { return *reinterpret_cast<const State*>(state_); }
  template <typename StackOf>
  bool AdmitResize(ErrorRecord request, size_t size, const StackOf& stack_of);
  void RefuseResize(size_t size, size_t new_size);
  void BookResize(size_t size, size_t new_size);
  void NoteFailure(const ErrorRecord& request, uint64_t index);

  Allocator& inner_;
  Options options_;
  alignas(8) unsigned char state_[kStateSize];
};

}  // namespace dbgalloc

#endif  // DBGALLOC_ALLOC_FAILING_ALLOCATOR_H_
