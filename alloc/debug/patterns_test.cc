// Patterns over arrays, at every offset and length.
#include "alloc/debug/patterns.h"

#include <cstring>

#include "gtest/gtest.h"

namespace dbgalloc::debug {
namespace {

constexpr uint64_t kWord = 0x8877665544332211;
constexpr size_t kSize = 160;
constexpr unsigned char kOther = 0x99;

class PatternTest : public testing::Test {
 protected:
  PatternTest() { memset(bytes_, kOther, kSize); }
  uintptr_t At(size_t offset) const {
    return reinterpret_cast<uintptr_t>(bytes_) + offset;
  }

  alignas(64) unsigned char bytes_[kSize];
  Pattern pattern_{kWord};
};

TEST_F(PatternTest, BytesBelongToAddressesNotToRanges) {
  for (size_t i = 0; i < 16; ++i) {
    EXPECT_EQ(pattern_.ByteAt(At(i)), 0x11 * (i % 8 + 1)) << i;
  }
  EXPECT_EQ(Pattern::OfByte(0xdd).ByteAt(At(5)), 0xdd);
}

TEST_F(PatternTest, WritesExactlyTheRange) {
  for (size_t begin = 0; begin < 20; ++begin) {
    for (size_t end = begin; end < kSize; ++end) {
      memset(bytes_, kOther, kSize);
      pattern_.Write(At(begin), At(end));
      for (size_t i = 0; i < kSize; ++i) {
        bool inside = i >= begin && i < end;
        ASSERT_EQ(bytes_[i], inside ? pattern_.ByteAt(At(i)) : kOther)
            << begin << ".." << end << " at " << i;
      }
    }
  }
}

TEST_F(PatternTest, AnEmptyOrBackwardRangeIsNothing) {
  pattern_.Write(At(9), At(9));
  pattern_.Write(At(9), At(3));
  EXPECT_EQ(bytes_[8], kOther);
  EXPECT_TRUE(pattern_.Holds(At(9), At(9)));
  EXPECT_TRUE(pattern_.Holds(At(9), At(3)));
}

TEST_F(PatternTest, FillCoversABlockUpToTheNextSixteen) {
  for (size_t size = 0; size <= kSize; ++size) {
    memset(bytes_, kOther, kSize);
    pattern_.Fill(At(0), size);
    size_t rounded = (size + 15) / 16 * 16;
    for (size_t i = 0; i < size; ++i) {
      ASSERT_EQ(bytes_[i], pattern_.ByteAt(At(i))) << size;
    }
    for (size_t i = rounded; i < kSize; ++i) {
      ASSERT_EQ(bytes_[i], kOther) << size;
    }
  }
}

TEST_F(PatternTest, LongFillsOfAnyPattern) {
  alignas(16) static unsigned char many[5000];
  for (const Pattern& pattern : {pattern_, Pattern::OfByte(0xdd)}) {
    memset(many, kOther, sizeof(many));
    pattern.Fill(reinterpret_cast<uintptr_t>(many), 4000);
    for (size_t i = 0; i < 4000; ++i) {
      ASSERT_EQ(many[i], pattern.ByteAt(reinterpret_cast<uintptr_t>(many) + i));
    }
    EXPECT_EQ(many[4016], kOther);
  }
}

TEST_F(PatternTest, OneWrongByteIsFoundWhereverItIs) {
  for (size_t begin = 0; begin < 20; ++begin) {
    for (size_t end = begin + 1; end < kSize; end += 1 + end / 40) {
      pattern_.Write(At(0), At(kSize));
      ASSERT_TRUE(pattern_.Holds(At(begin), At(end)));
      ASSERT_EQ(pattern_.FindDifference(At(begin), At(end)), At(end));
      ASSERT_EQ(pattern_.FindLastDifference(At(begin), At(end)), At(begin));
      for (size_t bad = begin; bad < end; ++bad) {
        bytes_[bad] ^= 0x80;
        ASSERT_FALSE(pattern_.Holds(At(begin), At(end)));
        ASSERT_EQ(pattern_.FindDifference(At(begin), At(end)), At(bad));
        ASSERT_EQ(pattern_.FindLastDifference(At(begin), At(end)), At(bad + 1));
        bytes_[bad] ^= 0x80;
      }
    }
  }
}

TEST_F(PatternTest, BytesOutsideTheRangeDoNotCount) {
  for (size_t begin = 1; begin < 40; ++begin) {
    for (size_t end = begin; end < 80; ++end) {
      memset(bytes_, kOther, kSize);
      pattern_.Write(At(begin), At(end));
      ASSERT_TRUE(pattern_.Holds(At(begin), At(end))) << begin << ".." << end;
      ASSERT_EQ(pattern_.FindDifference(At(begin), At(end)), At(end));
    }
  }
}

}  // namespace
}  // namespace dbgalloc::debug
