// The readers of the tables, on bytes written by hand.
#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <vector>

#include "alloc/stack/cfa_expression.h"
#include "alloc/stack/cfi_program.h"
#include "alloc/stack/dwarf_constants.h"
#include "alloc/stack/dwarf_reader.h"
#include "alloc/stack/machine_registers.h"

namespace dbgalloc::stack {
namespace {

using Bytes = std::vector<uint8_t>;

DwarfReader ReaderOf(const Bytes& bytes) {
  const auto begin = reinterpret_cast<uintptr_t>(bytes.data());
  return DwarfReader(begin, begin + bytes.size());
}

TEST(DwarfReader, ReadsVariableLengthNumbers) {
  const Bytes bytes = {0x02, 0x7f, 0x80, 0x01, 0xe5, 0x8e,
                       0x26, 0x7e, 0xff, 0x00, 0x80, 0x7f};
  DwarfReader reader = ReaderOf(bytes);
  EXPECT_EQ(reader.Unsigned(), 2u);
  EXPECT_EQ(reader.Unsigned(), 127u);
  EXPECT_EQ(reader.Unsigned(), 128u);
  EXPECT_EQ(reader.Unsigned(), 624485u);
  EXPECT_EQ(reader.Signed(), -2);
  EXPECT_EQ(reader.Signed(), 127);
  EXPECT_EQ(reader.Signed(), -128);
  EXPECT_TRUE(reader.AtEnd());
  EXPECT_TRUE(reader.ok());
}

TEST(DwarfReader, AReadPastTheEndIsZeroAndSticks) {
  const Bytes bytes = {0x80, 0x80};
  DwarfReader reader = ReaderOf(bytes);
  EXPECT_EQ(reader.Unsigned(), 0u);
  EXPECT_FALSE(reader.ok());
  EXPECT_EQ(reader.Fixed<uint8_t>(), 0u);
  EXPECT_TRUE(reader.AtEnd());
}

TEST(DwarfReader, ReadsEncodedPointers) {
  const Bytes bytes = {0xf0, 0xff, 0xff, 0xff, 0x10, 0, 0, 0, 0x34, 0x12};
  DwarfReader reader = ReaderOf(bytes);
  const uintptr_t here = reader.position();
  EXPECT_EQ(reader.Pointer(kPointerFromHere | kPointerSigned4, 0), here - 16);
  EXPECT_EQ(reader.Pointer(kPointerFromData | kPointerUnsigned4, 0x1000),
            0x1010u);
  EXPECT_EQ(reader.Pointer(kPointerUnsigned2, 0), 0x1234u);
  EXPECT_EQ(reader.Pointer(kPointerOmitted, 0), 0u);
  EXPECT_TRUE(reader.ok());
}

TEST(DwarfReader, AStringMustEnd) {
  const Bytes good = {'z', 'R', 0, 7};
  DwarfReader reader = ReaderOf(good);
  EXPECT_STREQ(reader.String(), "zR");
  EXPECT_EQ(reader.Fixed<uint8_t>(), 7);
  const Bytes endless = {'z', 'R'};
  DwarfReader bad = ReaderOf(endless);
  EXPECT_EQ(bad.String(), nullptr);
  EXPECT_FALSE(bad.ok());
}

#if defined(__x86_64__)

constexpr uint8_t kRsp = 7;
constexpr uint8_t kRbp = 6;
constexpr uint8_t kRip = 16;

TEST(FoldExpression, FoldsASignalFrame) {
  FoldedValue value;
  const Bytes code = {kOpBreg0 + kRsp, 0xa0, 0x01, kOpDeref};
  ASSERT_TRUE(FoldExpression(ReaderOf(code), 0, nullptr, &value));
  EXPECT_EQ(value.base, FoldedValue::Base::kStackPointer);
  EXPECT_TRUE(value.is_word_at);
  EXPECT_EQ(value.offset, 160);
}

// What linkers write for the procedure linkage table: eight more bytes are on
// the stack from the eleventh byte of each stub on.
TEST(FoldExpression, FoldsALinkageStub) {
  const Bytes code = {kOpBreg0 + kRsp, 8,      kOpBreg0 + kRip, 0,
                      kOpLit0 + 15,    kOpAnd, kOpLit0 + 11,    kOpGe,
                      kOpLit0 + 3,     kOpShl, kOpPlus};
  FoldedValue value;
  ASSERT_TRUE(FoldExpression(ReaderOf(code), 0x401026, nullptr, &value));
  EXPECT_EQ(value.offset, 8);
  ASSERT_TRUE(FoldExpression(ReaderOf(code), 0x40102b, nullptr, &value));
  EXPECT_EQ(value.offset, 16);
  EXPECT_EQ(value.base, FoldedValue::Base::kStackPointer);
}

TEST(FoldExpression, RefusesWhatARowCannotHold) {
  FoldedValue value;
  const Bytes other_register = {kOpBreg0 + 3, 0};
  const Bytes two_registers = {kOpBreg0 + kRsp, 0, kOpBreg0 + kRbp, 0, kOpPlus};
  const Bytes word_and_more = {kOpBreg0 + kRsp, 0, kOpDeref, kOpPlusUconst, 8};
  const Bytes nothing = {};
  const Bytes cut = {kOpBreg0 + kRsp, 0x80};
  for (const Bytes& code :
       {other_register, two_registers, word_and_more, nothing, cut}) {
    EXPECT_FALSE(FoldExpression(ReaderOf(code), 0, nullptr, &value));
  }
}

class RowAtTest : public testing::Test {
 protected:
  RowAtTest() {
    table_.begin = 0x1000;
    table_.end = 0x2000;
    table_.data_alignment = -8;
    table_.return_address_column = kRip;
    table_.initial_instructions = ReaderOf(initial_);
  }

  UnwindRow At(uintptr_t address, const Bytes& instructions) {
    table_.instructions = ReaderOf(instructions);
    return RowAt(table_, address);
  }

  const Bytes initial_ = {kCfaDefCfa, kRsp, 8, kCfaOffset | kRip, 1};
  FunctionTable table_;
};

TEST_F(RowAtTest, ChangesAtTheAddressOfEachInstruction) {
  // push %rbp; mov %rsp,%rbp; ...; leave; ret
  const Bytes code = {kCfaAdvanceLoc | 1,
                      kCfaDefCfaOffset,
                      16,
                      kCfaOffset | kRbp,
                      2,
                      kCfaAdvanceLoc | 3,
                      kCfaDefCfaRegister,
                      kRbp,
                      kCfaAdvanceLoc1,
                      100,
                      kCfaDefCfa,
                      kRsp,
                      8};
  EXPECT_EQ(At(0x1000, code).cfa_offset(), 1);
  EXPECT_FALSE(At(0x1000, code).reloads_frame_pointer());
  EXPECT_EQ(At(0x1001, code).cfa_offset(), 2);
  EXPECT_TRUE(At(0x1001, code).reloads_frame_pointer());
  EXPECT_EQ(At(0x1001, code).frame_pointer_offset(), -2);
  EXPECT_FALSE(At(0x1003, code).starts_at_frame_pointer());
  EXPECT_TRUE(At(0x1004, code).starts_at_frame_pointer());
  EXPECT_TRUE(At(0x1004 + 99, code).starts_at_frame_pointer());
  EXPECT_FALSE(At(0x1004 + 100, code).starts_at_frame_pointer());
}

TEST_F(RowAtTest, RemembersAndRestores) {
  const Bytes code = {
      kCfaAdvanceLoc | 1, kCfaDefCfaOffset, 48, kCfaAdvanceLoc | 1,
      kCfaRememberState,  kCfaDefCfaOffset, 8,  kCfaAdvanceLoc | 1,
      kCfaRestoreState};
  EXPECT_EQ(At(0x1001, code).cfa_offset(), 6);
  EXPECT_EQ(At(0x1002, code).cfa_offset(), 1);
  EXPECT_EQ(At(0x1003, code).cfa_offset(), 6);
}

TEST_F(RowAtTest, AnUndefinedReturnAddressIsTheEnd) {
  EXPECT_EQ(At(0x1000, {kCfaUndefined, kRip}).kind(), CfaKind::kEnd);
}

TEST_F(RowAtTest, OtherRegistersAreReadOver) {
  const Bytes code = {kCfaOffset | 3,
                      3,
                      kCfaOffsetExtended,
                      12,
                      4,
                      kCfaExpression,
                      13,
                      2,
                      kOpBreg0 + kRbp,
                      0x70,
                      kCfaGnuArgsSize,
                      16,
                      kCfaDefCfaOffset,
                      32};
  EXPECT_EQ(At(0x1000, code).cfa_offset(), 4);
  EXPECT_FALSE(At(0x1000, code).reloads_frame_pointer());
}

TEST_F(RowAtTest, AFrameThatStartsInAnotherRegisterHasNoRow) {
  EXPECT_EQ(At(0x1000, {kCfaDefCfa, 3, 24}).kind(), CfaKind::kNoTable);
}

TEST_F(RowAtTest, ARealignedFrameIsReadThroughTheFramePointer) {
  const Bytes code = {kCfaDefCfaExpression,
                      3,
                      kOpBreg0 + kRbp,
                      0x78,
                      kOpDeref,
                      kCfaExpression,
                      kRbp,
                      2,
                      kOpBreg0 + kRbp,
                      0};
  const UnwindRow row = At(0x1000, code);
  EXPECT_EQ(row.kind(), CfaKind::kAtFramePointer);
  EXPECT_EQ(row.cfa_offset(), -1);
  EXPECT_EQ(row.frame_pointer(), SavedKind::kAtFramePointer);
}

TEST_F(RowAtTest, DamagedInstructionsHaveNoRow) {
  for (const Bytes& code :
       {Bytes{kCfaRestoreState}, Bytes{0x3f}, Bytes{kCfaDefCfa, 0x80},
        Bytes{kCfaDefCfaExpression, 100, 0}}) {
    EXPECT_EQ(At(0x1000, code).kind(), CfaKind::kNoTable);
  }
}

TEST_F(RowAtTest, RandomInstructionsDoNoHarm) {
  std::mt19937 random(20215);
  for (int round = 0; round < 20000; ++round) {
    Bytes code(random() % 40);
    for (uint8_t& byte : code) byte = static_cast<uint8_t>(random());
    At(0x1000 + random() % 64, code);
  }
}

#endif

}  // namespace
}  // namespace dbgalloc::stack
