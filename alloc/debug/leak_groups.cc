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

LeakGroups::LeakGroups(Allocator* lender) : lender_(lender) {
  for (size_t size = kMostGroups; size >= kFewestGroups; size /= 4) {
    void* memory = lender->Allocate(size * sizeof(LeakGroup), kAlignment);
    if (memory == nullptr) continue;
    table_ = static_cast<LeakGroup*>(memory);
    capacity_ = size;
    for (size_t i = 0; i < size; ++i) new (&table_[i]) LeakGroup();
    return;
  }
}

LeakGroups::~LeakGroups() {
  if (table_ != nullptr) {
    lender_->Deallocate(table_, capacity_ * sizeof(LeakGroup), kAlignment);
  }
}

// The group of a stack, or a free place for it; null: the table is nearly full
// and the stack is new.
LeakGroup* LeakGroups::Find(uint32_t stack, bool held, uint32_t holder) {
  if (capacity_ == 0) return nullptr;
  size_t mask = capacity_ - 1;
  for (size_t i = (stack + 31 * holder) * 0x9e3779b1u;; ++i) {
    LeakGroup& group = table_[i & mask];
    if (group.blocks != 0) {
      if (group.stack == stack && group.held == held &&
          group.holder == holder) {
        return &group;
      }
      continue;
    }
    return used_ < capacity_ / 4 * 3 ? &group : nullptr;
  }
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
  LeakGroup* group = Find(block.allocated.stack, false, 0);
  AddTo(group == nullptr ? &rest_ : group, block);
}

void LeakGroups::AddHeld(const BlockDescription& block, uint32_t holder) {
  LeakGroup* group = Find(block.allocated.stack, true, holder);
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
    LeakGroup* holder = group.held ? Find(group.holder, false, 0) : &group;
    // A holder that is not listed here was reported before.
    if (holder == nullptr || holder->blocks == 0) holder = &group;
    holder->family_blocks += group.blocks;
    holder->family_bytes += group.bytes;
  }
  for (size_t i = 0; i < count; ++i) {
    LeakGroup& group = groups[i];
    if (!group.held) continue;
    const LeakGroup* holder = Find(group.holder, false, 0);
    if (holder == nullptr || holder->blocks == 0) continue;
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
    report.group_count = 1;
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
