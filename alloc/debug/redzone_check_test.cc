#include "alloc/debug/redzone_check.h"

#include <algorithm>
#include <cstring>

#include "gtest/gtest.h"

namespace dbgalloc::debug {
namespace {

constexpr size_t kSize = 96;

class RedzoneCheckTest : public testing::Test {
 protected:
  RedzoneCheckTest() { canary_.Write(At(0), At(kSize)); }
  uintptr_t At(size_t offset) const {
    return reinterpret_cast<uintptr_t>(bytes_) + offset;
  }

  alignas(16) unsigned char bytes_[kSize];
  Pattern canary_{0x9232a6ff85dff10f};
};

TEST_F(RedzoneCheckTest, IntactBytesAreNoDamage) {
  EXPECT_TRUE(FindDamage(canary_, At(3), At(90)).empty());
  EXPECT_TRUE(FindDamage(canary_, At(3), At(3)).empty());
  EXPECT_TRUE(FindDamage(canary_, At(5), At(3)).empty());
}

TEST_F(RedzoneCheckTest, DamageReachesFromTheFirstToTheLastWrongByte) {
  for (size_t first = 0; first < kSize; ++first) {
    for (size_t last = first; last < kSize; last += 7) {
      canary_.Write(At(0), At(kSize));
      bytes_[first] ^= 1;
      if (last != first) bytes_[last] ^= 1;
      DamagedRange range = FindDamage(canary_, At(0), At(kSize));
      ASSERT_EQ(range.begin, At(first));
      ASSERT_EQ(range.end, At(last + 1));
    }
  }
}

TEST_F(RedzoneCheckTest, DescriptionsShowWhatWasFoundAndExpected) {
  for (size_t size : {1, 2, 31, 32, 33, 60}) {
    canary_.Write(At(0), At(kSize));
    memset(bytes_ + 5, 0x41, size);
    Damage damage = DescribeDamage(canary_, {At(5), At(5 + size)});
    EXPECT_EQ(damage.begin, At(5));
    EXPECT_EQ(damage.size, size);
    EXPECT_EQ(damage.shown, std::min(size, kMaxDamage));
    for (uint32_t i = 0; i < damage.shown; ++i) {
      EXPECT_EQ(damage.found[i], 0x41);
      EXPECT_EQ(damage.expected[i], canary_.ByteAt(At(5 + i)));
    }
  }
}

// A gap of 16 bytes from 100 to 116 between two blocks.
struct Blame {
  uintptr_t begin;
  uintptr_t end;
  ErrorKind kind;
};
constexpr Blame kBlames[] = {
    {100, 101, ErrorKind::kHeapBufferOverflow},   // touches the left block
    {100, 116, ErrorKind::kHeapBufferOverflow},   // both: overruns run forward
    {115, 116, ErrorKind::kHeapBufferUnderflow},  // touches the right block
    {103, 104, ErrorKind::kHeapBufferOverflow},   // nearer to the left
    {112, 113, ErrorKind::kHeapBufferUnderflow},  // nearer to the right
    {107, 109, ErrorKind::kHeapBufferOverflow},   // in the middle
    {107, 108, ErrorKind::kHeapBufferOverflow},
    {108, 109, ErrorKind::kHeapBufferUnderflow},
};

TEST(BlameFor, TheBlockThatIsTouchedElseTheNearerOne) {
  for (const Blame& blame : kBlames) {
    EXPECT_EQ(BlameFor({blame.begin, blame.end}, {100, 116}), blame.kind)
        << blame.begin << ".." << blame.end;
  }
}

TEST(BlameFor, ALoneBlockIsToBlame) {
  EXPECT_EQ(BlameFor({115, 116}, {100, 0}), ErrorKind::kHeapBufferOverflow);
  EXPECT_EQ(BlameFor({100, 101}, {0, 116}), ErrorKind::kHeapBufferUnderflow);
}

}  // namespace
}  // namespace dbgalloc::debug
