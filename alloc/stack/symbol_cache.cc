#include "alloc/stack/symbol_cache.h"

#include <new>

namespace dbgalloc::stack {
namespace {

constexpr size_t kFirstCapacity = 512;

}  // namespace

SymbolCache::Entry* SymbolCache::Slot(Entry* entries, size_t capacity,
                                      uintptr_t address) {
  size_t index = (address * 0x9e3779b97f4a7c15u >> 32) & (capacity - 1);
  while (entries[index].found.count != 0 && entries[index].address != address) {
    index = (index + 1) & (capacity - 1);
  }
  return &entries[index];
}

CachedFrames SymbolCache::Find(uintptr_t address) const {
  if (capacity_ == 0) return {};
  return Slot(entries_, capacity_, address)->found;
}

void SymbolCache::Insert(uintptr_t address, const SymbolFrame* frames,
                         size_t count, ReportArena& arena) {
  if (2 * size_ >= capacity_ && !Grow(arena)) return;
  void* memory = arena.Allocate(count * sizeof(SymbolFrame));
  if (memory == nullptr) return;
  auto* kept = static_cast<SymbolFrame*>(memory);
  for (size_t i = 0; i < count; ++i) new (kept + i) SymbolFrame(frames[i]);
  Entry* entry = Slot(entries_, capacity_, address);
  if (entry->found.count == 0) ++size_;
  *entry = {address, {kept, count}};
}

bool SymbolCache::Grow(ReportArena& arena) {
  const size_t capacity = capacity_ == 0 ? kFirstCapacity : 2 * capacity_;
  void* memory = arena.Allocate(capacity * sizeof(Entry));
  if (memory == nullptr) return false;
  auto* entries = static_cast<Entry*>(memory);
  for (size_t i = 0; i < capacity; ++i) new (entries + i) Entry{};
  for (size_t i = 0; i < capacity_; ++i) {
    const Entry& old = entries_[i];
    if (old.found.count != 0) *Slot(entries, capacity, old.address) = old;
  }
  arena.Free(entries_, capacity_ * sizeof(Entry));
  entries_ = entries;
  capacity_ = capacity;
  return true;
}

void SymbolCache::Forget() {
  entries_ = nullptr;
  capacity_ = 0;
  size_ = 0;
}

}  // namespace dbgalloc::stack
