#include "alloc/os/process_memory.h"

#include <sys/stat.h>

#include <cstdint>
#include <fstream>
#include <string>

#include "alloc/os/pages.h"
#include "gtest/gtest.h"

namespace dbgalloc::os {
namespace {

class ControlGroupTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    root_ = testing::TempDir() + "/cgroup_" + test->name();
    mkdir(root_.c_str(), 0755);
  }

  // Makes the folders on the way, too.
  void Write(const std::string& path, const std::string& text) {
    for (size_t at = path.find('/', 1); at != std::string::npos;
         at = path.find('/', at + 1)) {
      mkdir((root_ + path.substr(0, at)).c_str(), 0755);
    }
    std::ofstream(root_ + path) << text;
  }

  size_t Limit(const std::string& membership) {
    return ControlGroupLimitIn(root_, membership);
  }

  std::string root_;
};

TEST_F(ControlGroupTest, VersionTwo) {
  Write("/shop/till/memory.max", "1048576\n");
  EXPECT_EQ(Limit("0::/shop/till\n"), 1048576u);
}

TEST_F(ControlGroupTest, TheTightestOnTheWayUpCounts) {
  Write("/memory.max", "max\n");
  Write("/shop/memory.max", "4096\n");
  Write("/shop/till/memory.max", "8192\n");
  EXPECT_EQ(Limit("0::/shop/till\n"), 4096u);
}

TEST_F(ControlGroupTest, VersionTwoWithoutALimit) {
  Write("/memory.max", "max\n");
  EXPECT_EQ(Limit("0::/\n"), SIZE_MAX);
}

TEST_F(ControlGroupTest, VersionOneByItsController) {
  Write("/memory/shop/memory.limit_in_bytes", "65536\n");
  Write("/memory/other/memory.limit_in_bytes", "1\n");
  EXPECT_EQ(Limit("3:cpu,cpuacct:/other\n2:hugetlb,memory:/shop\n0::/\n"),
            65536u);
}

TEST_F(ControlGroupTest, VersionOneSaysNoLimitByALargeNumber) {
  Write("/memory/memory.limit_in_bytes", "9223372036854771712\n");
  EXPECT_EQ(Limit("2:memory:/\n"), SIZE_MAX);
}

TEST_F(ControlGroupTest, BesideVersionOne) {
  Write("/unified/shop/memory.max", "12288\n");
  EXPECT_EQ(Limit("0::/shop\n"), 12288u);
}

TEST_F(ControlGroupTest, NonsenseIsNoLimit) {
  Write("/memory.max", "99999999999999999999999\n");
  for (const char* membership :
       {"", "\n", "0", "0:", "0::", "0::/", "::", "2:memory", "2:memory:/"}) {
    EXPECT_EQ(Limit(membership), SIZE_MAX) << membership;
  }
  EXPECT_EQ(Limit("0::/" + std::string(10'000, 'x')), SIZE_MAX);
}

TEST(ProcessMemory, MappingsAreCounted) {
  constexpr size_t kRanges = 16;
  size_t page = PageSize();
  size_t before = MappingCount();
  ASSERT_GT(before, 0u);
  EXPECT_LT(before, MappingLimit());
  char* memory = static_cast<char*>(MapPages(2 * kRanges * page, page));
  ASSERT_NE(memory, nullptr);
  for (size_t i = 0; i < kRanges; ++i) {
    FoldPages(memory + 2 * i * page, page);
  }
  EXPECT_GE(MappingCount(), before + 2 * kRanges - 2);
  ReleasePages(memory, 2 * kRanges * page);
}

TEST(ProcessMemory, WhatIsTouchedIsResident) {
  constexpr size_t kSize = size_t{16} << 20;
  size_t before = ProcessResidentBytes();
  ASSERT_GT(before, 0u);
  char* memory = static_cast<char*>(MapPages(kSize, PageSize()));
  for (size_t i = 0; i < kSize; i += PageSize()) memory[i] = 1;
  EXPECT_GE(ProcessResidentBytes(), before + kSize / 2);
  EXPECT_GE(MachineMemory(), ProcessResidentBytes());
  ReleasePages(memory, kSize);
}

}  // namespace
}  // namespace dbgalloc::os
