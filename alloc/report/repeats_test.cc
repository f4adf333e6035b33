#include "alloc/report/repeats.h"

#include "gtest/gtest.h"

namespace dbgalloc::report {
namespace {

ErrorRecord Record(ErrorKind kind, uint32_t now, uint32_t freed,
                   uintptr_t address) {
  ErrorRecord record;
  record.kind = kind;
  record.now.stack = now;
  record.block.freed.stack = freed;
  record.address = address;
  return record;
}

TEST(Repeats, TellsErrorsApartByKindAndStacks) {
  Repeats repeats;
  EXPECT_EQ(repeats.Count(Record(ErrorKind::kDoubleFree, 1, 2, 0x10)), 1u);
  EXPECT_EQ(repeats.Count(Record(ErrorKind::kDoubleFree, 1, 2, 0x20)), 2u);
  EXPECT_EQ(repeats.Count(Record(ErrorKind::kInvalidFree, 1, 2, 0x10)), 1u);
  EXPECT_EQ(repeats.Count(Record(ErrorKind::kDoubleFree, 1, 3, 0x10)), 1u);
  EXPECT_EQ(repeats.Count(Record(ErrorKind::kDoubleFree, 1, 2, 0x30)), 3u);
  EXPECT_EQ(repeats.total_repeated(), 2u);
}

TEST(Repeats, GoesByTheAddressWithoutStacks) {
  Repeats repeats;
  EXPECT_EQ(repeats.Count(Record(ErrorKind::kDoubleFree, 0, 0, 0x10)), 1u);
  EXPECT_EQ(repeats.Count(Record(ErrorKind::kDoubleFree, 0, 0, 0x20)), 1u);
  EXPECT_EQ(repeats.Count(Record(ErrorKind::kDoubleFree, 0, 0, 0x10)), 2u);
}

TEST(Repeats, TakesEverythingAsNewWhenFull) {
  Repeats repeats;
  for (uint32_t i = 1; i <= Repeats::kCapacity; ++i) {
    ASSERT_EQ(repeats.Count(Record(ErrorKind::kDoubleFree, i, 0, 0)), 1u);
  }
  const ErrorRecord beyond =
      Record(ErrorKind::kDoubleFree, Repeats::kCapacity + 1, 0, 0);
  EXPECT_EQ(repeats.Count(beyond), 1u);
  EXPECT_EQ(repeats.Count(beyond), 1u);
  EXPECT_EQ(repeats.Count(Record(ErrorKind::kDoubleFree, 1, 0, 0)), 2u);
  repeats.Clear();
  EXPECT_EQ(repeats.Count(beyond), 1u);
  EXPECT_EQ(repeats.Count(beyond), 2u);
}

}  // namespace
}  // namespace dbgalloc::report
