#include "alloc/report/looks.h"

#include <cstring>
#include <string>
#include <vector>

#include "alloc/report/numbers_in_bytes.h"
#include "alloc/report/report_samples.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace dbgalloc::report {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::StartsWith;

constexpr uintptr_t kAddress = 0x1000;

std::vector<std::string> LooksOf(const ErrorRecord& record) {
  OddBytes odd;
  std::vector<std::string> texts;
  if (!FindOddBytes(record, &odd)) return texts;
  Look looks[kMaxLooks];
  const size_t count = FindLooks(odd, record, SampleSurroundings(), looks);
  for (size_t i = 0; i < count; ++i) {
    char buffer[512];
    base::TextWriter out(buffer, sizeof(buffer));
    WriteLook(out, looks[i], odd, record, SampleSurroundings());
    texts.emplace_back(out.view());
  }
  return texts;
}

ErrorRecord Damaged(std::string_view bytes) {
  ErrorRecord record;
  record.kind = ErrorKind::kHeapBufferOverflow;
  record.damage.begin = kAddress;
  record.damage.size = bytes.size();
  record.damage.shown = static_cast<uint32_t>(bytes.size());
  std::memcpy(record.damage.found, bytes.data(), bytes.size());
  record.patterns = {0xaa, 0xdd, 0x9232a6ff85dff10f, true};
  return record;
}

template <typename T>
std::string BytesOf(T value) {
  return {reinterpret_cast<const char*>(&value), sizeof(value)};
}

TEST(Looks, Text) {
  EXPECT_THAT(LooksOf(Damaged("late")), ElementsAre("text \"late\""));
  EXPECT_THAT(LooksOf(Damaged("x")), ElementsAre("text \"x\""));
  EXPECT_THAT(LooksOf(Damaged(std::string("no\0", 3))),
              ElementsAre("text \"no\""));
  EXPECT_THAT(LooksOf(Damaged("\x01\x02some\x03")),
              ElementsAre("text \"some\""));
}

TEST(Looks, Numbers) {
  EXPECT_THAT(LooksOf(Damaged(BytesOf(int32_t{42}))),
              ElementsAre("the number 42 (4 bytes)"));
  EXPECT_THAT(LooksOf(Damaged(BytesOf(int64_t{-7}))),
              ElementsAre("the number -7 (8 bytes)"));
  EXPECT_THAT(LooksOf(Damaged("\x01")), ElementsAre("the number 1 (1 byte)"));
  EXPECT_THAT(LooksOf(Damaged(BytesOf(int32_t{1}) + BytesOf(int32_t{2}) +
                              BytesOf(int32_t{3}))),
              ElementsAre("the numbers 1, 2, 3 (4 bytes each)"));
  EXPECT_THAT(LooksOf(Damaged(std::string("\0", 1))),
              ElementsAre(StartsWith("a zero byte")));
  EXPECT_THAT(LooksOf(Damaged(std::string(8, '\0'))), ElementsAre("zeros"));
}

TEST(Looks, FloatingPoint) {
  EXPECT_THAT(LooksOf(Damaged(BytesOf(-12.5))),
              ElementsAre("the number -12.5 (8 bytes, floating point)"));
  EXPECT_THAT(LooksOf(Damaged(BytesOf(3.25F))),
              ElementsAre("the number 3.25 (4 bytes, floating point)"));
}

TEST(Looks, FillsAreNamed) {
  EXPECT_THAT(LooksOf(Damaged(std::string(8, '\xaa'))),
              ElementsAre(StartsWith("the fill of fresh memory")));
  EXPECT_THAT(LooksOf(Damaged(std::string(8, '\xdd'))),
              ElementsAre(StartsWith("the fill of freed memory")));
  ErrorRecord unfilled = Damaged(std::string(8, '\xdd'));
  unfilled.patterns.freed_byte = -1;
  EXPECT_THAT(LooksOf(unfilled), IsEmpty());
}

TEST(Looks, AddressesOfBlocksAndOfWhatHasAName) {
  ErrorRecord record = Damaged(BytesOf(uint64_t{0x7f3a10004108}));
  record.pointer.known = true;
  record.pointer.value = 0x7f3a10004108;
  record.pointer.block.known = true;
  record.pointer.block.begin = 0x7f3a10004100;
  record.pointer.block.size = 32;
  EXPECT_THAT(LooksOf(record),
              ElementsAre("the address 0x7f3a10004108, offset 8 in a 32-byte "
                          "block at 0x7f3a10004100, freed"));
  EXPECT_THAT(LooksOf(Damaged(BytesOf(uint64_t{0x7ffc12345678}))),
              ElementsAre("the address 0x7ffc12345678, on the stack of this "
                          "thread"));
}

// A word that is not at its alignment is no pointer.
TEST(Looks, AddressesAreLookedForWhereTheyWouldBe) {
  ErrorRecord record = Damaged("\x01\x02" + BytesOf(uint64_t{0x7ffc12345678}));
  EXPECT_THAT(LooksOf(record), IsEmpty());
  record.damage.begin += 6;
  EXPECT_THAT(LooksOf(record), ElementsAre(StartsWith("the address")));
}

// A wild pointer is looked at itself.
TEST(Looks, APointerThatPointsNowhere) {
  ErrorRecord record;
  record.kind = ErrorKind::kInvalidFree;
  record.patterns = {0xaa, 0xdd, 0x9232a6ff85dff10f, true};
  record.address = 0xdddddddddddddddd + 16;
  EXPECT_THAT(LooksOf(record),
              ElementsAre(StartsWith("the fill of freed memory")));
  record.address = 0xaaaaaaaaaaaaaaaa;
  EXPECT_THAT(LooksOf(record),
              ElementsAre(StartsWith("the fill of fresh memory")));
  record.address = 0x9232a6ff85dff10f;
  EXPECT_THAT(LooksOf(record), ElementsAre(StartsWith("the canary")));
  record.address = 0x6f77206f6c6c6568;
  EXPECT_THAT(LooksOf(record), ElementsAre("text \"hello wo\""));
  record.address = 0x7f3a10004108;
  EXPECT_THAT(LooksOf(record), IsEmpty());
}

TEST(Looks, NothingIsSaidOfOtherErrors) {
  ErrorRecord record;
  record.kind = ErrorKind::kDoubleFree;
  EXPECT_THAT(LooksOf(record), IsEmpty());
}

TEST(NumbersInBytes, DecimalsAreRoundedAndCut) {
  for (const auto& [value, text] :
       std::vector<std::pair<double, std::string>>{{0.5, "0.5"},
                                                   {-2.0, "-2"},
                                                   {0.001, "0.001"},
                                                   {1.9999999, "2"},
                                                   {3.1415926535, "3.141593"},
                                                   {1e9, "1000000000"}}) {
    char buffer[64];
    base::TextWriter out(buffer, sizeof(buffer));
    WriteDecimal(out, value);
    EXPECT_EQ(out.view(), text);
  }
}

}  // namespace
}  // namespace dbgalloc::report
