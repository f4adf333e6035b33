#include "dbgalloc/debug_allocator.h"

#include "alloc/base/state_shield.h"
#include "alloc/debug/debug_heap.h"
#include "alloc/debug/heap_statistics.h"

namespace dbgalloc {
namespace {

using debug::AllocationRequest;
using debug::DebugHeap;
using debug::FreeClaim;
using debug::HeapHost;

AllocationRequest RequestOf(size_t size, size_t alignment) {
  AllocationRequest request;
  request.size = size;
  request.alignment = alignment;
  return request;
}

FreeClaim ClaimOf(size_t size, size_t alignment, Operation operation) {
  FreeClaim claim;
  claim.size_stated = true;
  claim.size = size;
  claim.alignment = alignment;
  claim.operation = operation;
  return claim;
}

}  // namespace

DebugAllocator::DebugAllocator(Allocator& backing, const Options& options,
                               ErrorSink& sink)
    : options_(options), backing_(backing), sink_(&sink) {
  Start(HeapHost());
}

void DebugAllocator::Start(const HeapHost& host) {
  HeapHost with_sink = host;
  with_sink.sink = sink_;
  base::ScopedOpenState open;
  heap_ = DebugHeap::Create(backing_, options_, with_sink);
}

DebugAllocator::~DebugAllocator() { Finish(); }

void* DebugAllocator::Allocate(size_t size, size_t alignment) {
  if (heap_ == nullptr) return nullptr;
  base::ScopedOpenState open;
  return heap_->Allocate(RequestOf(size, alignment), DBGALLOC_CALLER_FRAME());
}

bool DebugAllocator::Resize(void* block, size_t size, size_t alignment,
                            size_t new_size) {
  if (heap_ == nullptr) return false;
  base::ScopedOpenState open;
  return heap_->Resize(block, new_size,
                       ClaimOf(size, alignment, Operation::kResize),
                       DBGALLOC_CALLER_FRAME());
}

void* DebugAllocator::Remap(void* block, size_t size, size_t alignment,
                            size_t new_size) {
  if (heap_ == nullptr) return nullptr;
  base::ScopedOpenState open;
  return heap_->Remap(block, RequestOf(new_size, alignment),
                      ClaimOf(size, alignment, Operation::kRemap),
                      DBGALLOC_CALLER_FRAME());
}

void DebugAllocator::Deallocate(void* block, size_t size, size_t alignment) {
  if (heap_ == nullptr) return;
  base::ScopedOpenState open;
  heap_->Free(block, ClaimOf(size, alignment, Operation::kFree),
              DBGALLOC_CALLER_FRAME());
}

size_t DebugAllocator::DetectLeaks() {
  if (heap_ == nullptr) return 0;
  base::ScopedOpenState open;
  return heap_->ReportLiveBlocks(Operation::kHeapCheck,
                                 DBGALLOC_CALLER_FRAME());
}

size_t DebugAllocator::CheckHeap() {
  if (heap_ == nullptr) return 0;
  base::ScopedOpenState open;
  return heap_->CheckHeap(Operation::kHeapCheck, DBGALLOC_CALLER_FRAME());
}

Verdict DebugAllocator::Finish() {
  if (heap_ == nullptr) return Verdict::kOk;
  base::ScopedOpenState open;
  stack::CallerFrame caller = DBGALLOC_CALLER_FRAME();
  heap_->CheckHeap(Operation::kDestruction, caller);
  size_t leaks = 0;
  if (options_.safety && options_.detect_leaks) {
    leaks = heap_->ReportLiveBlocks(Operation::kDestruction, caller);
  }
  FinishWithoutChecks();
  return leaks == 0 ? Verdict::kOk : Verdict::kLeak;
}

void DebugAllocator::FinishWithoutChecks() {
  if (heap_ == nullptr) return;
  base::ScopedOpenState open;
  DebugHeap* heap = heap_;
  heap_ = nullptr;
  DebugHeap::Destroy(heap);
}

void DebugAllocator::FlushRetainedMetadata() {
  if (heap_ == nullptr) return;
  base::ScopedOpenState open;
  heap_->FlushRetainedMetadata();
}

void DebugAllocator::SetErrorSink(ErrorSink* sink) {
  if (heap_ == nullptr) return;
  base::ScopedOpenState open;
  heap_->SetErrorSink(sink);
}

void DebugAllocator::SetMemoryLimit(uint64_t bytes) {
  if (heap_ == nullptr) return;
  base::ScopedOpenState open;
  heap_->SetMemoryLimit(bytes);
}

uint64_t DebugAllocator::requested_bytes() const {
  if (heap_ == nullptr) return 0;
  base::ScopedOpenState open;
  return heap_->requested_bytes();
}

bool DebugAllocator::Owns(const void* address) const {
  if (heap_ == nullptr) return false;
  base::ScopedOpenState open;
  return heap_->Owns(address);
}

BlockDescription DebugAllocator::Describe(const void* address) const {
  if (heap_ == nullptr) return {};
  base::ScopedOpenState open;
  return heap_->Describe(reinterpret_cast<uintptr_t>(address));
}

void DebugAllocator::AdoptByCurrentThread() {
  if (heap_ == nullptr) return;
  base::ScopedOpenState open;
  heap_->AdoptByCurrentThread();
}

DebugAllocatorStatistics DebugAllocator::statistics() const {
  DebugAllocatorStatistics result;
  if (heap_ == nullptr) return result;
  base::ScopedOpenState open;
  debug::HeapStatistics from = heap_->GetStatistics();
  result.allocations = from.allocations;
  result.deallocations = from.frees;
  result.allocated_bytes = from.allocated_bytes;
  result.freed_bytes = from.freed_bytes;
  result.live_blocks = from.live_blocks;
  result.live_bytes = from.live_bytes;
  result.errors = from.errors;
  result.quarantine_bytes = from.quarantine_bytes;
  result.metadata_bytes = from.metadata_bytes;
  result.span_bytes = from.span_bytes;
  result.peak_blocks = from.peak_blocks;
  result.peak_bytes = from.peak_bytes;
  result.retained_bytes = from.retained_bytes;
  return result;
}

uint64_t DebugAllocator::resident_bytes() const {
  if (heap_ == nullptr) return 0;
  base::ScopedOpenState open;
  return heap_->ResidentBytes();
}

size_t DebugAllocator::GetClassStatistics(
    DebugAllocatorClassStatistics* classes, size_t capacity) {
  if (heap_ == nullptr) return 0;
  base::ScopedOpenState open;
  debug::ClassStatistics all[debug::kMostClasses];
  size_t count = heap_->GetClassStatistics(all, debug::kMostClasses);
  for (size_t i = 0; i < count && i < capacity; ++i) {
    const debug::ClassStatistics& from = all[i];
    classes[i] = {from.capacity,   from.spans,        from.live_blocks,
                  from.live_bytes, from.freed_blocks, from.freed_bytes};
  }
  return count;
}

}  // namespace dbgalloc
