#include "alloc/debug/leak_groups.h"

#include <new>

namespace dbgalloc::debug {
namespace {

constexpr size_t kMostGroups = 1 << 14;
constexpr size_t kFewestGroups = 16;
constexpr size_t kAlignment = 64;

// The stack that allocated the group's own blocks, or those that hold them.
uint32_t FamilyOf(const LeakGroup& group) {
  return group.held ? group.holder : group.stack;
}

// Families stay together, the holding group first.
bool IsLarger(const LeakGroup& a, const LeakGroup& b) {
  if (a.family_bytes != b.family_bytes) return a.family_bytes > b.family_bytes;
  if (a.family_blocks != b.family_blocks) {
    return a.family_blocks > b.family_blocks;
  }
  if (FamilyOf(a) != FamilyOf(b)) return FamilyOf(a) < FamilyOf(b);
  if (a.held != b.held) return b.held;
  return a.bytes != b.bytes ? a.bytes > b.bytes : a.blocks > b.blocks;
}

void Swap(LeakGroup& a, LeakGroup& b) {
  LeakGroup kept = a;
  a = b;
  b = kept;
}

// Lets the group at `root` sink until no child in [0, count) is smaller: the
// smallest stands on top.
void Sink(LeakGroup* groups, size_t root, size_t count) {
  for (;;) {
    size_t child = 2 * root + 1;
    if (child >= count) return;
    if (child + 1 < count && IsLarger(groups[child], groups[child + 1])) {
      ++child;
    }
    if (!IsLarger(groups[root], groups[child])) return;
    Swap(groups[root], groups[child]);
    root = child;
  }
}

// Heapsort, largest first; needs no memory and no library.
void SortLargestFirst(LeakGroup* groups, size_t count) {
  for (size_t root = count / 2; root > 0; --root) {
    Sink(groups, root - 1, count);
  }
  for (size_t last = count; last > 1; --last) {
    Swap(groups[0], groups[last - 1]);
    Sink(groups, 0, last - 1);
  }
}

}  // namespace

LeakGroups::~LeakGroups() { GiveBack(table_, capacity_); }

void LeakGroups::GiveBack(LeakGroup* table, size_t capacity) {
  if (table == nullptr) return;
  lender_->Deallocate(table, capacity * sizeof(LeakGroup), kAlignment);
}

// A process that leaks nothing borrows nothing, one that leaks little one page.
bool LeakGroups::Grow() {
  if (is_full_) return false;
  const size_t old_capacity = capacity_;
  const size_t capacity = old_capacity == 0 ? kFewestGroups : old_capacity * 4;
  void* memory =
      capacity > kMostGroups
          ? nullptr
          : lender_->Allocate(capacity * sizeof(LeakGroup), kAlignment);
  is_full_ = memory == nullptr;
  if (is_full_) return false;
  LeakGroup* old_table = table_;
  table_ = static_cast<LeakGroup*>(memory);
  capacity_ = capacity;
  for (size_t i = 0; i < capacity; ++i) new (&table_[i]) LeakGroup();
  for (size_t i = 0; i < old_capacity; ++i) {
    const LeakGroup& group = old_table[i];
    if (group.blocks == 0) continue;
    *PlaceOf(group.stack, group.held, group.holder) = group;
  }
  GiveBack(old_table, old_capacity);
  return true;
}

// The group of a stack, or the free place where it belongs; there is a table.
LeakGroup* LeakGroups::PlaceOf(uint32_t stack, bool held, uint32_t holder) {
  const size_t mask = capacity_ - 1;
  for (size_t i = (stack + 31 * holder) * 0x9e3779b1u;; ++i) {
    LeakGroup& group = table_[i & mask];
    if (group.blocks == 0) return &group;
    if (group.stack == stack && group.held == held && group.holder == holder) {
      return &group;
    }
  }
}

// The same; null: there is no room for a new group.
LeakGroup* LeakGroups::Take(uint32_t stack, bool held, uint32_t holder) {
  if (capacity_ == 0 && !Grow()) return nullptr;
  LeakGroup* group = PlaceOf(stack, held, holder);
  if (group->blocks != 0 || used_ < capacity_ / 4 * 3) return group;
  return Grow() ? PlaceOf(stack, held, holder) : nullptr;
}

void LeakGroups::AddTo(LeakGroup* group, const BlockDescription& block) {
  if (group->blocks == 0) {
    group->example = block;
    if (group != &rest_) {
      group->stack = block.allocated.stack;
      ++used_;
    }
  }
  ++group->blocks;
  group->bytes += block.size;
  ++blocks_;
  bytes_ += block.size;
}

void LeakGroups::Add(const BlockDescription& block) {
  LeakGroup* group = Take(block.allocated.stack, false, 0);
  AddTo(group == nullptr ? &rest_ : group, block);
}

void LeakGroups::AddHeld(const BlockDescription& block, uint32_t holder) {
  LeakGroup* group = Take(block.allocated.stack, true, holder);
  if (group == nullptr) return Add(block);
  group->held = true;
  group->holder = holder;
  AddTo(group, block);
  ++held_blocks_;
  held_bytes_ += block.size;
}

// First at the holding groups, then at those that they hold.
void LeakGroups::SumFamilies(LeakGroup* groups, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    LeakGroup& group = groups[i];
    LeakGroup* holder = group.held ? PlaceOf(group.holder, false, 0) : &group;
    // A holder that is not listed here was reported before.
    if (holder->blocks == 0) holder = &group;
    holder->family_blocks += group.blocks;
    holder->family_bytes += group.bytes;
  }
  for (size_t i = 0; i < count; ++i) {
    LeakGroup& group = groups[i];
    if (!group.held) continue;
    const LeakGroup* holder = PlaceOf(group.holder, false, 0);
    if (holder->blocks == 0) continue;
    group.family_blocks = holder->family_blocks;
    group.family_bytes = holder->family_bytes;
  }
}

LeakReport LeakGroups::Finish() {
  LeakReport report;
  report.blocks = blocks_;
  report.bytes = bytes_;
  report.held_blocks = held_blocks_;
  report.held_bytes = held_bytes_;
  if (capacity_ == 0) {
    rest_.family_blocks = rest_.blocks;
    rest_.family_bytes = rest_.bytes;
    report.groups = &rest_;
    report.group_count = rest_.blocks == 0 ? 0 : 1;
    return report;
  }
  SumFamilies(table_, capacity_);
  SumFamilies(&rest_, 1);
  size_t count = 0;
  for (size_t i = 0; i < capacity_; ++i) {
    if (table_[i].blocks != 0) table_[count++] = table_[i];
  }
  if (rest_.blocks != 0) table_[count++] = rest_;  // a quarter is always free
  SortLargestFirst(table_, count);
  report.groups = table_;
  report.group_count = count;
  return report;
}

}  // namespace dbgalloc::debug
