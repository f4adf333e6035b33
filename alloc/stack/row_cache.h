// Unwind rows by program counter, shared by all threads without a lock.
//
//   address --index--> pair of entries, each two words:
//                        row   | check = address ^ epoch ^ mix(row)
//
// A short program runs through little code: the table is its first pages, four
// times as many each time they are full, so that what is next to each other in
// a page is in use.
//
// An entry is written with two plain stores. A reader that meets half of one
// write and half of another sees a check that fits neither, and treats the
// entry as missing. Entries of an earlier epoch do not fit either, so
// forgetting everything is one addition.
#ifndef DBGALLOC_ALLOC_STACK_ROW_CACHE_H_
#define DBGALLOC_ALLOC_STACK_ROW_CACHE_H_

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "alloc/stack/unwind_row.h"

namespace dbgalloc::stack {

// Bounded cache; a new entry pushes the older one of its pair out.
// Threads: any, signal handlers included. Memory: 1 MiB, touched as used.
class RowCache {
 public:
  // Names the state of the loaded code for which a row was computed.
  using Epoch = uint64_t;

  constexpr RowCache() = default;
  RowCache(const RowCache&) = delete;
  RowCache& operator=(const RowCache&) = delete;

  // Take it before looking at any table: a row is stored under the epoch in
  // which its computation began.
  Epoch epoch() const {
    return 1 + invalidations_.load(std::memory_order_acquire);
  }

  // The row for `address`; of kind kAbsent when it is not here.
  [[gnu::always_inline]] UnwindRow Find(uintptr_t address, Epoch epoch) const {
    const Entry* pair = &entries_[PairIndex(address)];
    const uint64_t tag = address ^ (epoch << kEpochShift);
    uint64_t row = pair[0].row.load(std::memory_order_relaxed);
    if (__builtin_expect(pair[0].Check(row) == tag, 1)) return UnwindRow(row);
    row = pair[1].row.load(std::memory_order_relaxed);
    if (pair[1].Check(row) == tag) return UnwindRow(row);
    return UnwindRow::Of(CfaKind::kAbsent);
  }

  void Insert(uintptr_t address, Epoch epoch, UnwindRow row);

  // Forgets every row.
  void Invalidate();

 private:
  static constexpr size_t kFirstEntries = size_t{1} << 10;
  static constexpr int kGrowthStep = 2;
  static constexpr int kMostGrowth = 6;
  static constexpr size_t kEntries = kFirstEntries << kMostGrowth;
  static constexpr int kEpochShift = 48;  // above the address bits

  struct Entry {
    uint64_t Check(uint64_t loaded_row) const {
      return check.load(std::memory_order_relaxed) ^ Mix(loaded_row);
    }
    std::atomic<uint64_t> check{0};
    std::atomic<uint64_t> row{0};
  };

  // Spreads a row over all bits; 0 stays 0, and an empty entry fits no address.
  static uint64_t Mix(uint64_t row) { return row * 0x9e3779b97f4a7c15u; }

  // A pair for each 16 bytes of code, next to each other.
  size_t PairIndex(uintptr_t address) const {
    return ((address >> 4 ^ address >> 19) * 2) & (used() - 2);
  }
  // Entries in use, from the first.
  size_t used() const {
    return kFirstEntries << growth_.load(std::memory_order_relaxed);
  }
  void Store(uintptr_t address, Epoch epoch, uint64_t row);
  void Grow(int growth, Epoch epoch);

  // All zero at first, so that none of it lies in the program's file.
  alignas(64) Entry entries_[kEntries] = {};
  std::atomic<Epoch> invalidations_{0};
  std::atomic<int> growth_{0};  // in use: the first entries times two to this
  std::atomic<size_t> inserted_{0};  // while it may grow
};

}  // namespace dbgalloc::stack

#endif  // DBGALLOC_ALLOC_STACK_ROW_CACHE_H_
