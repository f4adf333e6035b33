// What the pool does at each operation when more than pool_checks=1 is asked
// for: notes of stacks and sizes, and the fill of free blocks.
#include <string.h>

#include "alloc/pool/pool_heap.h"

namespace dbgalloc::pool {
namespace {

// The first word is the guard's (thread_cache.h).
constexpr size_t kFillFrom = sizeof(uintptr_t);
constexpr uint8_t kFill = 0xdd;

HeapEvent EventOf(const Doing& doing) {
  HeapEvent event;
  event.number = doing.number;
  event.thread = doing.thread;
  event.stack = doing.stack;
  event.known = true;
  return event;
}

}  // namespace

// Stacks are asked for when somebody has set their depth.
bool PoolHeap::WantsNotes(const Options& options) {
  bool asked = options.stack_trace_frames.source() != OptionSource::kDefault &&
               options.stack_trace_frames > 0;
  return asked || options.pool_checks >= 2;
}

Doing PoolHeap::NoteOf(const CallerFrame& caller) {
  Doing doing;
  doing.number = notes_->NextNumber();
  if (host_.current_thread != nullptr) doing.thread = host_.current_thread();
  if (host_.record_stack != nullptr && caller.program_counter != 0) {
    doing.stack = host_.record_stack(
        caller, static_cast<uint32_t>(options_.stack_trace_frames));
  }
  return doing;
}

void PoolHeap::NoteAllocation(void* pointer, const PoolRequest& request,
                              const CallerFrame& caller) {
  BlockNote* note = notes_->At(reinterpret_cast<uintptr_t>(pointer));
  if (note == nullptr) return;
  note->allocated = NoteOf(caller);
  note->size = request.size;
  note->maker = request.maker;
  note->filled = false;
}

void PoolHeap::NoteFree(uintptr_t block, const CallerFrame& caller) {
  BlockNote* note = notes_->At(block);
  if (note != nullptr) note->freed = NoteOf(caller);
}

void PoolHeap::NoteSize(uintptr_t block, size_t size) {
  if (notes_ == nullptr) return;
  BlockNote* note = notes_->At(block);
  if (note != nullptr) note->size = size;
}

bool PoolHeap::NotedSizeHolds(uintptr_t block, const PoolClaim& claim) {
  if (notes_ == nullptr || !claim.size_stated) return true;
  const BlockNote* note = notes_->At(block);
  return note == nullptr || note->size == claim.size;
}

void PoolHeap::AddNotes(BlockDescription& block) {
  if (notes_ == nullptr || !block.known) return;
  const BlockNote* note = notes_->At(block.begin);
  if (note == nullptr || note->allocated.number == 0) return;
  block.size = note->size;
  block.origin = OriginOf(note->maker);
  block.allocated = EventOf(note->allocated);
  if (!block.live && note->freed.number != 0) {
    block.freed = EventOf(note->freed);
  }
}

void PoolHeap::FillFree(uintptr_t block, SizeClass size_class) {
  BlockNote* note = notes_->At(block);
  if (note == nullptr) return;
  memset(reinterpret_cast<void*>(block + kFillFrom), kFill,
         ClassSize(size_class) - kFillFrom);
  note->filled = true;
}

void PoolHeap::ForgetFill(void* context, uintptr_t block) {
  BlockNote* note = static_cast<PoolHeap*>(context)->notes_->At(block);
  if (note != nullptr) note->filled = false;
}

// The block is this thread's own, or nobody uses the pool.
bool PoolHeap::CheckFill(void* pointer, SizeClass size_class,
                         Operation operation, const CallerFrame& caller) {
  uintptr_t block = reinterpret_cast<uintptr_t>(pointer);
  const BlockNote* note = notes_->At(block);
  if (note == nullptr || !note->filled) return true;
  const uint8_t* bytes = static_cast<const uint8_t*>(pointer);
  size_t end = ClassSize(size_class);
  size_t first = kFillFrom;
  while (first < end && bytes[first] == kFill) ++first;
  if (first == end) return true;
  size_t last = end - 1;
  while (bytes[last] == kFill) --last;
  ErrorRecord record;
  record.kind = ErrorKind::kWriteAfterFree;
  record.operation = operation;
  record.address = block + first;
  record.damage.begin = block + first;
  record.damage.size = last - first + 1;
  for (; record.damage.shown < kMaxDamage &&
         record.damage.shown < record.damage.size;
       ++record.damage.shown) {
    record.damage.found[record.damage.shown] =
        bytes[first + record.damage.shown];
    record.damage.expected[record.damage.shown] = kFill;
  }
  record.block = Describe(block);
  record.block.live = false;
  record.block.freed = EventOf(note->freed);
  Report(record, caller);
  return false;
}

}  // namespace dbgalloc::pool
