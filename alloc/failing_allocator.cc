#include "dbgalloc/failing_allocator.h"

#include <new>

#include "alloc/os/thread.h"
#include "alloc/report/reporter.h"
#include "alloc/stack/caller_frame.h"
#include "alloc/stack/stack_recorder.h"
#include "dbgalloc/page_allocator.h"

namespace dbgalloc {
namespace {

// -1 in the options: never.
uint64_t IndexOf(int64_t flag) {
  return flag < 0 ? FailingAllocator::kNever : static_cast<uint64_t>(flag);
}

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

uint32_t StackOf(const stack::CallerFrame& caller, const Options& options) {
  return stack::RecordStack(caller,
                            static_cast<size_t>(options.stack_trace_frames),
                            MethodOf(options.unwind));
}

ErrorRecord RequestOf(Operation operation, const void* block, size_t size,
                      size_t alignment, uint32_t stack) {
  ErrorRecord record;
  record.kind = ErrorKind::kInducedFailure;
  record.operation = operation;
  record.address = reinterpret_cast<uintptr_t>(block);
  record.claimed_size = size;
  record.claimed_alignment = alignment;
  record.now = {0, os::CurrentThread(), stack, true};
  return record;
}

}  // namespace

FailingAllocator::FailingAllocator() : FailingAllocator(SystemPages()) {}

FailingAllocator::FailingAllocator(Allocator& inner)
    : FailingAllocator(inner, Options()) {}

FailingAllocator::FailingAllocator(Allocator& inner, const Options& options)
    : inner_(inner), options_(Options::ForInstance(options)) {
  static_assert(sizeof(report::OptionsErrorSink) <= kSinkSize);
  sink_ = new (sink_storage_) report::OptionsErrorSink(options_);
  SetFailIndex(IndexOf(options_.fail_index));
  SetResizeFailIndex(IndexOf(options_.resize_fail_index));
}

bool FailingAllocator::Gate::Take(uint64_t* index) {
  *index = next_.load();
  do {
    if (*index >= limit_.load()) return false;
  } while (!next_.compare_exchange_weak(*index, *index + 1));
  return true;
}

void* FailingAllocator::Allocate(size_t size, size_t alignment) {
  uint64_t index;
  if (!allocations_.Take(&index)) {
    NoteFailure(RequestOf(Operation::kAllocate, nullptr, size, alignment,
                          StackOf(DBGALLOC_CALLER_FRAME(), options_)),
                index);
    return nullptr;
  }
  void* block = inner_.Allocate(size, alignment);
  if (block == nullptr) {
    allocations_.GiveBack();
    return nullptr;
  }
  allocated_bytes_.fetch_add(size);
  return block;
}

bool FailingAllocator::Resize(void* block, size_t size, size_t alignment,
                              size_t new_size) {
  uint64_t index;
  if (!resizes_.Take(&index)) {
    NoteFailure(RequestOf(Operation::kResize, block, new_size, alignment,
                          StackOf(DBGALLOC_CALLER_FRAME(), options_)),
                index);
    return false;
  }
  if (!inner_.Resize(block, size, alignment, new_size)) {
    resizes_.GiveBack();
    return false;
  }
  BookResize(size, new_size);
  return true;
}

void* FailingAllocator::Remap(void* block, size_t size, size_t alignment,
                              size_t new_size) {
  uint64_t index;
  if (!resizes_.Take(&index)) {
    NoteFailure(RequestOf(Operation::kRemap, block, new_size, alignment,
                          StackOf(DBGALLOC_CALLER_FRAME(), options_)),
                index);
    return nullptr;
  }
  void* moved = inner_.Remap(block, size, alignment, new_size);
  if (moved == nullptr) {
    resizes_.GiveBack();
    return nullptr;
  }
  BookResize(size, new_size);
  return moved;
}

void FailingAllocator::Deallocate(void* block, size_t size, size_t alignment) {
  inner_.Deallocate(block, size, alignment);
  deallocations_.fetch_add(1);
  freed_bytes_.fetch_add(size);
}

void FailingAllocator::BookResize(size_t size, size_t new_size) {
  if (new_size >= size) {
    allocated_bytes_.fetch_add(new_size - size);
  } else {
    freed_bytes_.fetch_add(size - new_size);
  }
}

void FailingAllocator::LockFailures() const {
  while (failures_locked_.exchange(true)) os::Yield();
}

InducedFailure FailingAllocator::first_failure() const {
  LockFailures();
  InducedFailure failure = first_failure_;
  UnlockFailures();
  return failure;
}

InducedFailure FailingAllocator::last_failure() const {
  LockFailures();
  InducedFailure failure = last_failure_;
  UnlockFailures();
  return failure;
}

void FailingAllocator::NoteFailure(const ErrorRecord& request, uint64_t index) {
  const bool is_resize = request.operation != Operation::kAllocate;
  LockFailures();
  last_failure_ = {true, is_resize, index, request.now.stack};
  if (!first_failure_.is_known) first_failure_ = last_failure_;
  UnlockFailures();
  if (sink_ != nullptr) sink_->OnError(request);
}

FailingAllocatorCounters FailingAllocator::counters() const {
  const uint64_t allocations = allocations_.next();
  return {allocations,           resizes_.next(),         allocations,
          deallocations_.load(), allocated_bytes_.load(), freed_bytes_.load()};
}

}  // namespace dbgalloc
