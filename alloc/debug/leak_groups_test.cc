// Grouping of leaks against a std::map.
#include "alloc/debug/leak_groups.h"

#include <cstdlib>
#include <map>
#include <random>
#include <set>

#include "gtest/gtest.h"

namespace dbgalloc::debug {
namespace {

class Lender final : public Allocator {
 public:
  void* Allocate(size_t size, size_t alignment) override {
    if (size > most) return nullptr;
    ++out;
    return std::aligned_alloc(alignment,
                              (size + alignment - 1) / alignment * alignment);
  }
  bool Resize(void*, size_t, size_t, size_t) override { return false; }
  void* Remap(void*, size_t, size_t, size_t) override { return nullptr; }
  void Deallocate(void* block, size_t, size_t) override {
    --out;
    std::free(block);
  }

  size_t most = SIZE_MAX;
  int out = 0;
};

BlockDescription Block(uint32_t stack, uint64_t size) {
  BlockDescription block;
  block.size = size;
  block.allocated.stack = stack;
  return block;
}

struct Sum {
  uint64_t blocks = 0;
  uint64_t bytes = 0;
};

TEST(LeakGroups, NothingIsNoGroup) {
  Lender lender;
  {
    LeakGroups groups(&lender);
    LeakReport report = groups.Finish();
    EXPECT_EQ(report.blocks, 0u);
    EXPECT_EQ(report.group_count, 0u);
    EXPECT_EQ(lender.out, 0) << "no table for nothing";
  }
  EXPECT_EQ(lender.out, 0);
}

TEST(LeakGroups, AgreesWithAMap) {
  Lender lender;
  LeakGroups groups(&lender);
  std::map<uint32_t, Sum> model;
  std::mt19937 random(1);
  for (int i = 0; i < 50'000; ++i) {
    // Stacks that differ by what a table's size may be, too.
    uint32_t stack = (random() % 300) << (random() % 3 * 10);
    uint64_t size = random() % 1000;
    groups.Add(Block(stack, size));
    ++model[stack].blocks;
    model[stack].bytes += size;
  }
  LeakReport report = groups.Finish();
  EXPECT_EQ(report.blocks, 50'000u);
  ASSERT_EQ(report.group_count, model.size());
  uint64_t bytes = 0;
  std::set<uint32_t> seen;
  for (size_t i = 0; i < report.group_count; ++i) {
    const LeakGroup& group = report.groups[i];
    EXPECT_TRUE(seen.insert(group.stack).second);
    EXPECT_EQ(group.blocks, model[group.stack].blocks);
    EXPECT_EQ(group.bytes, model[group.stack].bytes);
    EXPECT_EQ(group.example.allocated.stack, group.stack);
    if (i > 0) {
      EXPECT_LE(group.bytes, report.groups[i - 1].bytes);
    }
    bytes += group.bytes;
  }
  EXPECT_EQ(report.bytes, bytes);
}

TEST(LeakGroups, GrowsWithTheStacksAndGivesBack) {
  Lender lender;
  {
    LeakGroups groups(&lender);
    for (uint32_t stack = 1; stack <= 12'000; ++stack) {
      groups.Add(Block(stack, stack));
      groups.AddHeld(Block(7, 1), stack);
    }
    EXPECT_EQ(lender.out, 1);
    LeakReport report = groups.Finish();
    EXPECT_EQ(report.blocks, 24'000u);
    EXPECT_EQ(report.group_count, size_t{1 << 14} / 4 * 3 + 1);
  }
  EXPECT_EQ(lender.out, 0);
}

TEST(LeakGroups, StacksWithoutRoomAreCountedTogether) {
  Lender lender;
  lender.most = 16 * sizeof(LeakGroup);
  LeakGroups groups(&lender);
  for (uint32_t stack = 1; stack <= 100; ++stack) groups.Add(Block(stack, 10));
  LeakReport report = groups.Finish();
  EXPECT_EQ(report.blocks, 100u);
  EXPECT_EQ(report.bytes, 1000u);
  ASSERT_EQ(report.group_count, 13u) << "three quarters of 16, and the rest";
  EXPECT_EQ(report.groups[0].stack, 0u) << "the rest is the largest";
  EXPECT_EQ(report.groups[0].blocks, 88u);
}

TEST(LeakGroups, WithoutMemoryEverythingIsOneGroup) {
  Lender lender;
  lender.most = 0;
  LeakGroups groups(&lender);
  for (uint32_t stack = 1; stack <= 100; ++stack) groups.Add(Block(stack, 10));
  LeakReport report = groups.Finish();
  ASSERT_EQ(report.group_count, 1u);
  EXPECT_EQ(report.groups[0].blocks, 100u);
  EXPECT_EQ(report.groups[0].bytes, 1000u);
}

TEST(LeakGroups, StackNoneIsAGroupLikeAnyOther) {
  Lender lender;
  LeakGroups groups(&lender);
  groups.Add(Block(0, 10));
  groups.Add(Block(0, 20));
  groups.Add(Block(1, 5));
  LeakReport report = groups.Finish();
  ASSERT_EQ(report.group_count, 2u);
  EXPECT_EQ(report.groups[0].bytes, 30u);
}

}  // namespace
}  // namespace dbgalloc::debug
