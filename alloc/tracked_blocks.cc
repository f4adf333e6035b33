#include "dbgalloc/tracked_blocks.h"

#include <new>

#include "alloc/base/spin_lock.h"

namespace dbgalloc {
namespace {

// Fibonacci hashing: the upper bits of the product are well mixed.
size_t HashOf(const void* address) {
  const uint64_t key = reinterpret_cast<uintptr_t>(address);
  return static_cast<size_t>((key * 0x9e3779b97f4a7c15u) >> 16);
}

}  // namespace

// One open-addressing hash table with linear probing. An entry with a null
// address is free; removal moves later entries of the run back, so that a run
// has no holes.
struct TrackedBlocks::Table {
  static constexpr size_t kFirstCapacity = 64;

  bool Insert(Allocator& memory, const TrackedBlock& block) {
    if ((used + 1) * 4 > capacity * 3 && !Grow(memory)) return false;
    Place(block);
    ++used;
    return true;
  }

  bool Remove(const void* address, TrackedBlock* removed) {
    if (used == 0) return false;
    size_t index = IndexOf(address);
    while (entries[index].address != address) {
      if (entries[index].address == nullptr) return false;
      index = Next(index);
    }
    *removed = entries[index];
    CloseGap(index);
    --used;
    return true;
  }

  void Release(Allocator& memory) {
    if (entries == nullptr) return;
    memory.Deallocate(entries, capacity * sizeof(TrackedBlock),
                      alignof(TrackedBlock));
  }

  mutable base::SpinLock lock;
  TrackedBlock* entries = nullptr;
  size_t capacity = 0;  // a power of two, or 0
  size_t used = 0;

 private:
  // The lowest bits chose the table.
  size_t IndexOf(const void* address) const {
    return (HashOf(address) / kTables) & (capacity - 1);
  }
  size_t Next(size_t index) const { return (index + 1) & (capacity - 1); }

  void Place(const TrackedBlock& block) {
    size_t index = IndexOf(block.address);
    while (entries[index].address != nullptr) index = Next(index);
    entries[index] = block;
  }

  // An entry may move back to the gap when its own place does not lie behind
  // the gap, seen around the ring from the gap to the entry.
  void CloseGap(size_t gap) {
    for (size_t index = Next(gap); entries[index].address != nullptr;
         index = Next(index)) {
      const size_t home = IndexOf(entries[index].address);
      const size_t mask = capacity - 1;
      if (((index - home) & mask) < ((index - gap) & mask)) continue;
      entries[gap] = entries[index];
      gap = index;
    }
    entries[gap] = TrackedBlock();
  }

  bool Grow(Allocator& memory) {
    const size_t larger = capacity == 0 ? kFirstCapacity : capacity * 2;
    void* fresh =
        memory.Allocate(larger * sizeof(TrackedBlock), alignof(TrackedBlock));
    if (fresh == nullptr) return false;
    Table old;
    old.entries = entries;
    old.capacity = capacity;
    entries = static_cast<TrackedBlock*>(fresh);
    capacity = larger;
    for (size_t i = 0; i < larger; ++i) new (&entries[i]) TrackedBlock();
    for (size_t i = 0; i < old.capacity; ++i) {
      if (old.entries[i].address != nullptr) Place(old.entries[i]);
    }
    old.Release(memory);
    return true;
  }
};

TrackedBlocks::~TrackedBlocks() {
  Table* tables = tables_.load(std::memory_order_acquire);
  if (tables == nullptr) return;
  for (size_t i = 0; i < kTables; ++i) tables[i].Release(memory_);
  memory_.Deallocate(tables, kTables * sizeof(Table), alignof(Table));
}

// Made at first use: a tracker that is never enabled costs no memory.
TrackedBlocks::Table* TrackedBlocks::Tables() {
  Table* tables = tables_.load(std::memory_order_acquire);
  if (tables != nullptr) return tables;
  void* memory = memory_.Allocate(kTables * sizeof(Table), alignof(Table));
  if (memory == nullptr) return nullptr;
  Table* fresh = static_cast<Table*>(memory);
  for (size_t i = 0; i < kTables; ++i) new (&fresh[i]) Table();
  if (tables_.compare_exchange_strong(tables, fresh)) return fresh;
  memory_.Deallocate(memory, kTables * sizeof(Table), alignof(Table));
  return tables;
}

void TrackedBlocks::Insert(const TrackedBlock& block) {
  Table* tables = Tables();
  bool added = false;
  if (tables != nullptr) {
    Table& table = tables[HashOf(block.address) % kTables];
    base::SpinLockHolder holder(table.lock);
    added = table.Insert(memory_, block);
  }
  if (!added) {
    missed_.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  work_.fetch_add(kOneBlock, std::memory_order_relaxed);
  bytes_.fetch_add(block.size, std::memory_order_relaxed);
}

void TrackedBlocks::Add(const void* address, size_t size,
                        const CallSite& site) {
  TrackedBlock block;
  block.address = address;
  block.size = size;
  block.number = next_number_.fetch_add(1, std::memory_order_relaxed);
  block.site = site;
  Insert(block);
}

void TrackedBlocks::Restore(const TrackedBlock& block) { Insert(block); }

bool TrackedBlocks::Remove(const void* address, TrackedBlock* block) {
  Table* tables = tables_.load(std::memory_order_acquire);
  if (tables == nullptr) return false;
  TrackedBlock removed;
  {
    Table& table = tables[HashOf(address) % kTables];
    base::SpinLockHolder holder(table.lock);
    if (!table.Remove(address, &removed)) return false;
  }
  work_.fetch_sub(kOneBlock, std::memory_order_relaxed);
  bytes_.fetch_sub(removed.size, std::memory_order_relaxed);
  if (block != nullptr) *block = removed;
  return true;
}

size_t TrackedBlocks::Copy(TrackedBlock* blocks, size_t capacity) const {
  const Table* tables = tables_.load(std::memory_order_acquire);
  size_t copied = 0;
  for (size_t i = 0; tables != nullptr && i < kTables; ++i) {
    const Table& table = tables[i];
    base::SpinLockHolder holder(table.lock);
    for (size_t k = 0; k < table.capacity && copied < capacity; ++k) {
      if (table.entries[k].address == nullptr) continue;
      blocks[copied++] = table.entries[k];
    }
  }
  return copied;
}

}  // namespace dbgalloc
