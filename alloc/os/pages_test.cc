#include "alloc/os/pages.h"

#include <cstdint>
#include <vector>

#include "gtest/gtest.h"

namespace dbgalloc::os {
namespace {

uintptr_t Number(void* address) { return reinterpret_cast<uintptr_t>(address); }

// A gap between mappings that takes `size` bytes, but not where they would be
// aligned, and not with the slack that aligning them takes.
void LeaveGap(size_t size, size_t alignment) {
  constexpr size_t kAround = size_t{8} << 20;
  char* around = static_cast<char*>(ReservePages(kAround));
  ASSERT_NE(around, nullptr);
  size_t to_aligned = alignment - Number(around) % alignment;
  char* gap = around + to_aligned + alignment + PageSize();
  ReleasePages(gap, size + alignment / 2);
}

// Mappings that touch are one to the kernel, which allows only so many.
TEST(MapPages, AlignedMappingsTouchAlsoWhereAGapNearlyFits) {
  constexpr size_t kAlignment = size_t{128} << 10;
  constexpr size_t kSize = 3 * kAlignment;
  constexpr size_t kCount = 500;
  LeaveGap(kSize, kAlignment);
  std::vector<void*> blocks;
  size_t touching = 0;
  uintptr_t last = 0;
  for (size_t i = 0; i < kCount; ++i) {
    void* block = MapPages(kSize, kAlignment);
    ASSERT_NE(block, nullptr);
    EXPECT_EQ(Number(block) % kAlignment, 0u);
    if (Number(block) + kSize == last) ++touching;
    last = Number(block);
    blocks.push_back(block);
  }
  EXPECT_GT(touching, kCount / 2);
  for (void* block : blocks) ReleasePages(block, kSize);
}

}  // namespace
}  // namespace dbgalloc::os
