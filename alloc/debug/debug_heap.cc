#include "alloc/debug/debug_heap.h"

#include <cstring>
#include <new>

#include "alloc/debug/hot_path.h"
#include "alloc/heap/memory_apart.h"

namespace dbgalloc::debug {
namespace {

using heap::HeapConfig;
using heap::kGranule;

constexpr uint64_t kLargestRequest = PTRDIFF_MAX;

size_t PowerOfTwoAtLeast(size_t value, size_t minimum, size_t maximum) {
  size_t power = minimum;
  while (power < value && power < maximum) power *= 2;
  return power;
}

// Under a limit on address space, freed memory may not use it up: the program
// maps stacks and files of its own. A page in the quarantine keeps the rest of
// its span from being used again, so its share is the smaller one.
void LeaveAddresses(const PageControl* pages, HeapConfig* config) {
  size_t limit = pages == nullptr ? SIZE_MAX : pages->address_space_limit();
  if (limit == SIZE_MAX) return;
  if (config->address_budget > limit / 8) config->address_budget = limit / 8;
  if (config->quarantine_size > limit / 32) {
    config->quarantine_size = limit / 32;
  }
  if (config->retained_records_size > limit / 16) {
    config->retained_records_size = limit / 16;
  }
}

HeapConfig ConfigOf(const Options& options, const PageControl* pages) {
  HeapConfig config;
  config.span_size = PowerOfTwoAtLeast(options.page_size, heap::kMinSpanSize,
                                       heap::kMaxSpanSize);
  size_t redzone = options.safety ? size_t{options.redzone} : 0;
  config.redzone = heap::RoundUp(redzone, kGranule);
  if (config.redzone > config.span_size / 16) {
    config.redzone = config.span_size / 16;
  }
  config.quarantine_size = options.safety ? size_t{options.quarantine_size} : 0;
  config.address_budget = options.address_budget;
  config.retained_records_size = options.retained_records_size;
  LeaveAddresses(pages, &config);
  config.retain_metadata = options.retain_metadata;
  config.never_unmap = options.never_unmap;
  // What is not mapped afresh may well be dirty: the default does not hold
  // there unless somebody says so.
  config.backing_zeroes =
      options.backing_allocator_zeroes &&
      (pages != nullptr ||
       options.backing_allocator_zeroes.source() != OptionSource::kDefault);
  config.record_resizes = options.resize_stack_traces;
  config.prefers_large_pages =
      options.huge_pages.value() == HugePages::kTransparent;
  return config;
}

}  // namespace

bool DebugHeap::Body::Init(Allocator* backing, const Options& options,
                           const HeapHost& host) {
  backing_ = backing;
  host_ = host;
  safety_ = options.safety;
  HeapConfig config = ConfigOf(options, backing->page_control());
  redzones_ = safety_;
  watch_.Init(options, host.hash_stack);
  alloc_filled_ = watch_.CheckedWhen(safety_ && options.alloc_fill_byte >= 0);
  free_filled_ = watch_.CheckedWhen(safety_ && options.free_fill_byte >= 0);
  check_free_fill_ =
      free_filled_ != CheckedBlocks::kNone && options.check_free_fill;
  uint64_t canary = options.canary;
  if (canary == 0 && host.random != nullptr) canary = host.random();
  canary_ = Pattern(canary);
  alloc_fill_ = Pattern::OfByte(static_cast<uint8_t>(options.alloc_fill_byte));
  free_fill_ = Pattern::OfByte(static_cast<uint8_t>(options.free_fill_byte));
  patterns_.known = true;
  patterns_.canary = canary;
  if (alloc_filled_ != CheckedBlocks::kNone)
    patterns_.fresh_byte = alloc_fill_.ByteAt(0);
  if (free_filled_ != CheckedBlocks::kNone)
    patterns_.freed_byte = free_fill_.ByteAt(0);
  rules_ = {safety_ && options.check_size, safety_ && options.check_alignment,
            safety_ && options.check_family};
  verbose_log_ = options.verbose_log && host.log != nullptr;
  is_observed_ = verbose_log_ || watch_.is_on();
  check_threads_ = safety_ && options.ChecksThreads();
  if (safety_ && host.record_stack != nullptr) {
    stack_frames_ = static_cast<uint32_t>(options.stack_trace_frames);
  }
  max_allocation_size_ = options.max_allocation_size;
  if (max_allocation_size_ == 0) max_allocation_size_ = kLargestRequest;
  check_every_ = static_cast<uint64_t>(options.check_heap_every);
  limit_ = options.memory_limit;
  limited_ = options.memory_limit != 0 || options.enable_memory_limit;
  config.clock = host.milliseconds;
  heap_.Init(backing, metadata_, config, check_free_fill_ ? this : nullptr);
  InitGuards(options);
  bool each_is_looked_at = limited_ || is_observed_ || watch_.has_window() ||
                           check_threads_ || check_every_ != 0 ||
                           (has_guards_ && guards_.takes_all()) ||
                           max_allocation_size_ < config.max_small();
  if (!each_is_looked_at) small_end_ = config.max_small() + 1;
  return heap_.LaneOf(0) != nullptr;
}

DebugHeap* DebugHeap::Create(Allocator& backing, const Options& options,
                             const HeapHost& host) {
  Allocator* metadata = host.metadata == nullptr ? &backing : host.metadata;
  void* memory =
      heap::MemoryApart(*metadata).Allocate(sizeof(Body), alignof(Body));
  if (memory == nullptr) return nullptr;
  Body* body = new (memory) Body();
  body->metadata_ = metadata;
  if (body->Init(&backing, options, host)) {
    if (host.heap_made != nullptr) host.heap_made(body);
    return body;
  }
  Destroy(body);
  return nullptr;
}

void DebugHeap::Destroy(DebugHeap* heap) {
  Body* body = static_cast<Body*>(heap);
  if (body->host_.heap_going != nullptr) body->host_.heap_going(heap);
  Allocator* metadata = body->metadata_;
  body->heap_.store().ReleaseAll();
  heap::MemoryApart(*metadata).Deallocate(body, sizeof(Body), alignof(Body));
}

// --- Who calls --------------------------------------------------------------

// The first thread to use the heap owns it; every other one is reported.
// `address` 0: an allocation, for which `claim` holds what was asked.
void DebugHeap::Body::CheckOwner(uintptr_t address, const FreeClaim& claim,
                                 Call& call) {
  uint32_t owner = kNoOwner;
  if (owner_.compare_exchange_strong(owner, call.thread)) owner = call.thread;
  if (owner == call.thread) {
    owner_stack_.store(call.stack, std::memory_order_relaxed);
    owner_seen_.store(true, std::memory_order_release);
    return;
  }
  ErrorRecord record;
  record.kind = ErrorKind::kThreadMisuse;
  record.address = address;
  record.claimed_origin = claim.origin;
  record.claimed_size = claim.size;
  record.claimed_alignment = claim.alignment;
  if (address != 0) record.block = Describe(heap_.Find(address));
  record.owner_thread = owner;
  if (owner_seen_.load(std::memory_order_acquire)) {
    record.owner_event = {0, owner,
                          owner_stack_.load(std::memory_order_relaxed), true};
  }
  Report(record, call);
}

uint64_t DebugHeap::Body::Number(Call& call) {
  if (call.number != 0) return call.number;
  Lane* lane = heap_.LaneOf(call.thread);
  if (lane == nullptr) return 0;
  LaneUse use(lane);
  call.number = heap_.NextNumber(*use);
  return call.number;
}

// --- Allocation -------------------------------------------------------------

bool DebugHeap::Body::TakeFromLimit(uint64_t bytes) {
  if (!limited_.load(std::memory_order_relaxed)) return true;
  uint64_t now = limited_bytes_.load(std::memory_order_relaxed);
  do {
    uint64_t limit = limit_.load(std::memory_order_relaxed);
    if (limit != 0 && (bytes > limit || now > limit - bytes)) return false;
  } while (!limited_bytes_.compare_exchange_weak(now, now + bytes));
  return true;
}

// Where threads share a lane, the next slot may be in use before this one is
// complete: the redzone between them is written under the lane's lock.
void DebugHeap::Body::CoverNextRedzone(const BlockRef& block) {
  if (!redzones_ || !block.span->is_small) return;
  uintptr_t next = block.span->SlotBegin(block.slot() + 1);
  canary_.Write(next, next + heap_.config().redzone);
}

// What is withheld from reuse is given up before the program is refused.
BlockRef DebugHeap::Body::ReserveWithRoom(const AllocationRequest& request,
                                          Call& call) {
  if (!heap_.MakeRoom(request.size + request.alignment + kGranule)) return {};
  call.lane = heap_.LaneOf(call.thread);
  return TryReserve(request, call);
}

BlockRef DebugHeap::Body::Reserve(const AllocationRequest& request,
                                  Call& call) {
  BlockRef block;
  if (call.lane != nullptr && GuardIsDue(*call.lane)) {
    block = ReserveGuarded(request, call);
  }
  if (!block) block = TryReserve(request, call);
  return block ? block : ReserveWithRoom(request, call);
}

uintptr_t DebugHeap::Body::Publish(const BlockRef& block,
                                   const AllocationRequest& request,
                                   const Call& call, bool contents_kept) {
  return block.span->is_guarded
             ? CompleteGuarded(block, request, call, contents_kept)
             : Complete(block, request, call, contents_kept);
}

void* DebugHeap::Body::Allocate(const AllocationRequest& request, Call& call) {
  if (request.alignment != 0 &&
      (request.alignment & (request.alignment - 1)) != 0) {
    ReportRequest(ErrorKind::kInvalidAlignment, request, call);
    return nullptr;
  }
  if (__builtin_expect(request.size > max_allocation_size_ ||
                           request.size > kLargestRequest ||
                           request.alignment > kLargestRequest,
                       0)) {
    return nullptr;
  }
  if (__builtin_expect(!TakeFromLimit(request.size), 0)) {
    ReportRequest(ErrorKind::kMemoryLimit, request, call);
    return nullptr;
  }
  BlockRef block = Reserve(request, call);
  if (!block) {
    GiveToLimit(request.size);
    return nullptr;
  }
  uintptr_t user = Publish(block, request, call, /*contents_kept=*/false);
  if (__builtin_expect(is_observed_, 0)) {
    Observe(OperationTrace::Deed::kAllocated, block, call);
  }
  if (__builtin_expect(check_every_ != 0, 0)) CheckHeapIfDue(call);
  return reinterpret_cast<void*>(user);
}

void* DebugHeap::Allocate(const AllocationRequest& request,
                          const CallerFrame& caller) {
  Body& body = *static_cast<Body*>(this);
  void* block = body.AllocateSmall(request, caller, body.Thread());
  if (__builtin_expect(block != nullptr, 1)) return block;
  return body.AllocateAny(request, caller);
}

void* DebugHeap::Body::AllocateAny(const AllocationRequest& request,
                                   const CallerFrame& caller) {
  Call call = Begin(caller, Operation::kAllocate);
  if (check_threads_) {
    FreeClaim asked{request.origin, true, request.size, request.alignment};
    CheckOwner(0, asked, call);
  }
  return Allocate(request, call);
}

// --- Questions --------------------------------------------------------------

bool DebugHeap::Owns(const void* address) const {
  const Body& body = *static_cast<const Body*>(this);
  uintptr_t value = reinterpret_cast<uintptr_t>(address);
  heap::PageMapAnswer answer = body.heap_.store().Find(value);
  return answer.forgotten ||
         (answer.span != nullptr && answer.span->Contains(value));
}

void DebugHeap::FlushRetainedMetadata() {
  static_cast<Body*>(this)->heap_.ForgetRetained();
}

void DebugHeap::SetErrorSink(ErrorSink* sink) {
  static_cast<Body*>(this)->host_.sink = sink;
}

void DebugHeap::SetMemoryLimit(uint64_t bytes) {
  Body& body = *static_cast<Body*>(this);
  if (!body.limited_) {
    body.small_end_ = 0;
    body.limited_bytes_ = requested_bytes();
    body.limited_ = true;
  }
  body.limit_ = bytes;
}

uint64_t DebugHeap::requested_bytes() const {
  const Body& body = *static_cast<const Body*>(this);
  if (body.limited_) return body.limited_bytes_;
  return body.heap_.SumCounters().live_bytes;
}

heap::Heap& DebugHeap::blocks() { return static_cast<Body*>(this)->heap_; }

size_t DebugHeap::ObjectSize() { return sizeof(Body); }

// --- Threads and fork -------------------------------------------------------

void DebugHeap::PrepareFork() { static_cast<Body*>(this)->heap_.LockAll(); }

void DebugHeap::FinishForkInParent() {
  static_cast<Body*>(this)->heap_.UnlockAll();
}

void DebugHeap::FinishForkInChild() {
  static_cast<Body*>(this)->heap_.UnlockAll();
}

void DebugHeap::ReleaseThread() {
  Body& body = *static_cast<Body*>(this);
  if (body.host_.current_thread == nullptr) return;
  body.heap_.ReleaseLane(body.host_.current_thread());
}

void DebugHeap::AdoptByCurrentThread() {
  Body& body = *static_cast<Body*>(this);
  if (body.host_.current_thread == nullptr) return;
  body.owner_ = body.host_.current_thread();
  body.owner_seen_ = false;
}

}  // namespace dbgalloc::debug
