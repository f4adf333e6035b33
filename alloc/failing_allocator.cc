#include "dbgalloc/failing_allocator.h"

#include <atomic>
#include <new>

#include "alloc/base/spin_lock.h"
#include "alloc/fail/byte_budget.h"
#include "alloc/fail/fail_gate.h"
#include "alloc/fail/fail_rules.h"
#include "alloc/os/thread.h"
#include "alloc/report/reporter.h"
#include "alloc/stack/caller_frame.h"
#include "alloc/stack/stack_recorder.h"
#include "dbgalloc/page_allocator.h"

namespace dbgalloc {
namespace {

static_assert(FailingAllocator::kNever == fail::kNever);

stack::UnwindMethod MethodOf(UnwindMethod flag) {
  switch (flag) {
    case UnwindMethod::kFramePointers:
      return stack::UnwindMethod::kFramePointer;
    case UnwindMethod::kDwarf:
      return stack::UnwindMethod::kTables;
    case UnwindMethod::kAuto:
      break;
  }
  return stack::UnwindMethod::kAuto;
}

// Records the stack when, and each time, it is asked for.
class StackOfCaller {
 public:
  StackOfCaller(const stack::CallerFrame& caller, const Options& options)
      : caller_(caller), options_(options) {}

  uint32_t operator()() const {
    return stack::RecordStack(caller_,
                              static_cast<size_t>(options_.stack_trace_frames),
                              MethodOf(options_.unwind));
  }

 private:
  stack::CallerFrame caller_;
  const Options& options_;
};

ErrorRecord RequestOf(Operation operation, const void* block, size_t size,
                      size_t alignment) {
  ErrorRecord record;
  record.kind = ErrorKind::kInducedFailure;
  record.operation = operation;
  record.address = reinterpret_cast<uintptr_t>(block);
  record.claimed_size = size;
  record.claimed_alignment = alignment;
  return record;
}

ErrorRecord MadeBy(ErrorRecord request, uint32_t stack) {
  request.now = {0, os::CurrentThread(), stack, true};
  return request;
}

}  // namespace

struct FailingAllocator::State {
  explicit State(const Options& options) : default_sink(options) {}

  report::OptionsErrorSink default_sink;
  ErrorSink* sink = &default_sink;
  fail::FailGate allocations;
  fail::FailGate resizes;
  fail::ByteBudget budget;
  std::atomic<uint64_t> deallocations{0};
  std::atomic<uint64_t> allocated_bytes{0};
  std::atomic<uint64_t> freed_bytes{0};
  mutable base::SpinLock failures_lock;
  InducedFailure first_failure;
  InducedFailure last_failure;
};

FailingAllocator::FailingAllocator() : FailingAllocator(SystemPages()) {}

FailingAllocator::FailingAllocator(Allocator& inner)
    : FailingAllocator(inner, Options()) {}

FailingAllocator::FailingAllocator(Allocator& inner, const Options& options)
    : inner_(inner), options_(Options::ForInstance(options)) {
  static_assert(sizeof(State) <= kStateSize);
  static_assert(alignof(State) <= 8);
  new (state_) State(options_);
  state().allocations.SetRules(fail::AllocationRules(options_));
  state().resizes.SetRules(fail::ResizeRules(options_));
}

FailingAllocator::~FailingAllocator() {
  state().allocations.SetRules({});
  state().resizes.SetRules({});
  state().~State();
}

void* FailingAllocator::Allocate(size_t size, size_t alignment) {
  State& own = state();
  const StackOfCaller stack_of(DBGALLOC_CALLER_FRAME(), options_);
  uint64_t index;
  const bool admitted = own.allocations.Admit(size, stack_of, &index);
  const bool has_room = admitted && own.budget.Take(size);
  void* block = has_room ? inner_.Allocate(size, alignment) : nullptr;
  if (block != nullptr) {
    own.allocated_bytes.fetch_add(size);
    return block;
  }
  if (admitted) own.allocations.GiveBack();
  if (has_room) {
    own.budget.Give(size);
  } else {
    NoteFailure(
        MadeBy(RequestOf(Operation::kAllocate, nullptr, size, alignment),
               stack_of()),
        index);
  }
  return nullptr;
}

// Takes an index and room for a resize; false: it shall fail, and that is
// noted.
template <typename StackOf>
bool FailingAllocator::AdmitResize(ErrorRecord request, size_t size,
                                   const StackOf& stack_of) {
  State& own = state();
  const size_t new_size = request.claimed_size;
  uint64_t index;
  const bool admitted = own.resizes.Admit(new_size, stack_of, &index);
  if (admitted && (new_size <= size || own.budget.Take(new_size - size))) {
    return true;
  }
  if (admitted) own.resizes.GiveBack();
  NoteFailure(MadeBy(request, stack_of()), index);
  return false;
}

// The inner allocator said no to what was admitted.
void FailingAllocator::RefuseResize(size_t size, size_t new_size) {
  state().resizes.GiveBack();
  if (new_size > size) state().budget.Give(new_size - size);
}

void FailingAllocator::BookResize(size_t size, size_t new_size) {
  if (new_size >= size) {
    state().allocated_bytes.fetch_add(new_size - size);
  } else {
    state().freed_bytes.fetch_add(size - new_size);
    state().budget.Give(size - new_size);
  }
}

bool FailingAllocator::Resize(void* block, size_t size, size_t alignment,
                              size_t new_size) {
  const StackOfCaller stack_of(DBGALLOC_CALLER_FRAME(), options_);
  if (!AdmitResize(RequestOf(Operation::kResize, block, new_size, alignment),
                   size, stack_of)) {
    return false;
  }
  if (!inner_.Resize(block, size, alignment, new_size)) {
    RefuseResize(size, new_size);
    return false;
  }
  BookResize(size, new_size);
  return true;
}

void* FailingAllocator::Remap(void* block, size_t size, size_t alignment,
                              size_t new_size) {
  const StackOfCaller stack_of(DBGALLOC_CALLER_FRAME(), options_);
  if (!AdmitResize(RequestOf(Operation::kRemap, block, new_size, alignment),
                   size, stack_of)) {
    return nullptr;
  }
  void* moved = inner_.Remap(block, size, alignment, new_size);
  if (moved == nullptr) {
    RefuseResize(size, new_size);
    return nullptr;
  }
  BookResize(size, new_size);
  return moved;
}

void FailingAllocator::Deallocate(void* block, size_t size, size_t alignment) {
  inner_.Deallocate(block, size, alignment);
  state().deallocations.fetch_add(1);
  state().freed_bytes.fetch_add(size);
  state().budget.Give(size);
}

void FailingAllocator::SetFailIndex(uint64_t index) {
  state().allocations.SetFirstIndex(index);
}

void FailingAllocator::SetResizeFailIndex(uint64_t index) {
  state().resizes.SetFirstIndex(index);
}

void FailingAllocator::SetByteBudget(uint64_t bytes) {
  state().budget.SetLimit(bytes);
}

void FailingAllocator::SetErrorSink(ErrorSink* sink) { state().sink = sink; }

void FailingAllocator::Reset() {
  State& own = state();
  own.allocations.ResetCounters();
  own.resizes.ResetCounters();
  own.deallocations.store(0);
  own.allocated_bytes.store(0);
  own.freed_bytes.store(0);
  base::SpinLockHolder holder(own.failures_lock);
  own.first_failure = own.last_failure = InducedFailure();
}

InducedFailure FailingAllocator::first_failure() const {
  base::SpinLockHolder holder(state().failures_lock);
  return state().first_failure;
}

InducedFailure FailingAllocator::last_failure() const {
  base::SpinLockHolder holder(state().failures_lock);
  return state().last_failure;
}

void FailingAllocator::NoteFailure(const ErrorRecord& request, uint64_t index) {
  State& own = state();
  const bool is_resize = request.operation != Operation::kAllocate;
  {
    base::SpinLockHolder holder(own.failures_lock);
    own.last_failure = {true, is_resize, index, request.now.stack};
    if (!own.first_failure.is_known) own.first_failure = own.last_failure;
  }
  if (own.sink != nullptr) own.sink->OnError(request);
}

FailingAllocatorCounters FailingAllocator::counters() const {
  const State& own = state();
  const uint64_t allocations = own.allocations.next();
  return {allocations,
          own.resizes.next(),
          allocations,
          own.deallocations.load(),
          own.allocated_bytes.load(),
          own.freed_bytes.load()};
}

}  // namespace dbgalloc
