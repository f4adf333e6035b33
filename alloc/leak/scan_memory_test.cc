#include "alloc/leak/scan_memory.h"

#include <csignal>
#include <cstdint>
#include <cstring>
#include <vector>

#include "alloc/leak/work_list.h"
#include "gtest/gtest.h"

namespace dbgalloc::leak {
namespace {

TEST(ScanMemory, IsZeroedAlignedAndApart) {
  ScanMemory memory;
  uintptr_t behind = 0;
  for (size_t size : {1, 63, 64, 65, 5000, 1 << 20, 3 << 20, 10}) {
    auto* taken = memory.Take<unsigned char>(size);
    ASSERT_NE(taken, nullptr);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(taken) % 64, 0u);
    for (size_t i = 0; i < size; ++i) ASSERT_EQ(taken[i], 0);
    EXPECT_NE(reinterpret_cast<uintptr_t>(taken), behind - size);
    memset(taken, 0xff, size);
    behind = reinterpret_cast<uintptr_t>(taken) + size;
  }
}

TEST(ScanMemory, NamesItsPieces) {
  ScanMemory memory;
  const std::vector<uintptr_t> taken = {
      reinterpret_cast<uintptr_t>(memory.Take<int>(10)),
      reinterpret_cast<uintptr_t>(memory.Take<int>(1 << 20))};
  size_t found = 0;
  memory.ForEachPiece([&](uintptr_t begin, uintptr_t end) {
    for (uintptr_t address : taken) found += address - begin < end - begin;
  });
  EXPECT_EQ(found, taken.size());
}

TEST(ScanMemory, SaysWhenTheKernelRefuses) {
  ScanMemory memory;
  EXPECT_EQ(memory.Take<char>(size_t{1} << 60), nullptr);
  EXPECT_NE(memory.Take<char>(10), nullptr);
}

TEST(WorkList, IsLastInFirstOut) {
  ScanMemory memory;
  WorkList list;
  ASSERT_TRUE(list.Reserve(2, &memory));
  list.Push({1, 2});
  list.Push({3, 4});
  Range range;
  ASSERT_TRUE(list.Pop(&range));
  EXPECT_EQ(range.begin, 3u);
  ASSERT_TRUE(list.Pop(&range));
  EXPECT_EQ(range.begin, 1u);
  EXPECT_FALSE(list.Pop(&range));
}

TEST(WorkListDeathTest, NeverHoldsMoreThanItWasMadeFor) {
  ScanMemory memory;
  WorkList list;
  ASSERT_TRUE(list.Reserve(1, &memory));
  list.Push({1, 2});
  EXPECT_EXIT(list.Push({3, 4}), testing::KilledBySignal(SIGABRT),
              "count_ < capacity_");
}

}  // namespace
}  // namespace dbgalloc::leak
