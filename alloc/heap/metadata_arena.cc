#include "alloc/heap/metadata_arena.h"

#include <cstring>

#include "alloc/heap/memory_apart.h"
#include "alloc/heap/size_classes.h"

namespace dbgalloc::heap {
namespace {

// From this size on the arena grows by large pages: records are written once
// after the other, and a page fault each 4 KiB costs more than the records.
constexpr size_t kLargePagesFrom = size_t{8} << 20;
constexpr size_t kLargePage = size_t{2} << 20;
// And by so much of what it has, since fork copies each piece's mappings, one
// after the other.
constexpr size_t kShareAtOnce = 8;

size_t LargeStep(size_t taken_bytes) {
  return taken_bytes / kShareAtOnce & ~(kLargePage - 1);
}

}  // namespace

void MetadataArena::Init(Allocator* backing, size_t step, bool backing_zeroes,
                         size_t unit) {
  backing_ = backing;
  step_ = step;
  unit_ = unit;
  backing_zeroes_ = backing_zeroes;
}

bool MetadataArena::AddStep(size_t needed) {
  PageControl* pages = backing_->page_control();
  // They lie far apart: not where addresses are scarce.
  bool large = pages != nullptr && taken_bytes_ >= kLargePagesFrom &&
               pages->address_space_limit() == SIZE_MAX;
  size_t alignment = large ? kLargePage : unit_;
  size_t size = RoundUp(needed + unit_, large ? kLargePage : step_);
  if (large && size < LargeStep(taken_bytes_)) size = LargeStep(taken_bytes_);
  void* memory = MemoryApart(*backing_).Allocate(size, alignment);
  if (memory == nullptr) return false;
  if (large) pages->PreferLargePages(memory, size);
  if (!backing_zeroes_) memset(memory, 0, size);
  steps_ = new (memory) Step{steps_, size, alignment, large};
  next_ = RoundUp(reinterpret_cast<uintptr_t>(memory) + sizeof(Step), unit_);
  end_ = reinterpret_cast<uintptr_t>(memory) + size;
  taken_bytes_ += size;
  return true;
}

void* MetadataArena::Take(size_t size) {
  size = RoundUp(size, unit_);
  if (end_ - next_ < size && !AddStep(size)) return nullptr;
  void* memory = reinterpret_cast<void*>(next_);
  next_ += size;
  return memory;
}

// The newest step comes first; older ones were changed when they were shrunk.
void MetadataArena::Shrink() {
  if (steps_ == nullptr || !steps_->is_in_large_pages) return;
  PageControl* pages = backing_->page_control();
  uintptr_t rest = RoundUp(next_, pages->page_size());
  if (rest < end_) pages->Discard(reinterpret_cast<void*>(rest), end_ - rest);
  for (Step* step = steps_; step != nullptr && step->is_in_large_pages;
       step = step->next) {
    step->is_in_large_pages = false;
    pages->AvoidLargePages(step, step->size);
  }
}

// Steps may begin in the middle of a page.
size_t MetadataArena::ResidentBytes() const {
  PageControl* pages = backing_->page_control();
  if (pages == nullptr) return taken_bytes();
  size_t mask = pages->page_size() - 1;
  size_t resident = 0;
  for (const Step* step = steps_; step != nullptr; step = step->next) {
    uintptr_t begin = reinterpret_cast<uintptr_t>(step) & ~mask;
    uintptr_t end = reinterpret_cast<uintptr_t>(step) + step->size;
    resident += pages->ResidentBytes(reinterpret_cast<const void*>(begin),
                                     RoundUp(end - begin, mask + 1));
  }
  return resident;
}

void MetadataArena::ReleaseAll() {
  MemoryApart memory(*backing_);
  Step* step = steps_;
  steps_ = nullptr;
  next_ = 0;
  end_ = 0;
  taken_bytes_ = 0;
  while (step != nullptr) {
    Step* next = step->next;
    memory.Deallocate(step, step->size, step->alignment);
    step = next;
  }
}

}  // namespace dbgalloc::heap
