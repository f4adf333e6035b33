#include "alloc/debug/fault_diagnosis.h"

#include "gtest/gtest.h"

namespace dbgalloc::debug {
namespace {

BlockDescription Block(uintptr_t begin, uint64_t size, bool live) {
  BlockDescription block;
  block.begin = begin;
  block.size = size;
  block.known = true;
  block.live = live;
  return block;
}

const BlockDescription kNone;

TEST(DiagnoseFault, NothingIsKnown) {
  EXPECT_EQ(DiagnoseFault(0x1000, kNone, kNone).kind, ErrorKind::kNone);
}

TEST(DiagnoseFault, AFreedBlockWasUsed) {
  BlockDescription freed = Block(0x1000, 16, false);
  for (uintptr_t address : {0x1000, 0x100f, 0x1010, 0x1800}) {
    FaultDiagnosis found = DiagnoseFault(address, freed, kNone);
    EXPECT_EQ(found.kind, ErrorKind::kUseAfterFree) << address;
    EXPECT_EQ(found.block, &freed);
  }
  EXPECT_EQ(DiagnoseFault(0xfff, kNone, freed).kind, ErrorKind::kUseAfterFree);
}

TEST(DiagnoseFault, OverflowAndUnderflowOfLiveBlocks) {
  BlockDescription live = Block(0x1000, 16, true);
  EXPECT_EQ(DiagnoseFault(0x1010, live, kNone).kind,
            ErrorKind::kHeapBufferOverflow);
  EXPECT_EQ(DiagnoseFault(0xfff, kNone, live).kind,
            ErrorKind::kHeapBufferUnderflow);
}

TEST(DiagnoseFault, TheNearerBlockIsBlamed) {
  BlockDescription below = Block(0x1000, 0x10, true);
  BlockDescription above = Block(0x1110, 0x10, true);
  FaultDiagnosis found = DiagnoseFault(0x108f, below, above);
  EXPECT_EQ(found.kind, ErrorKind::kHeapBufferOverflow);
  EXPECT_EQ(found.block, &below);
  // Equally near: most mistakes run forward.
  EXPECT_EQ(DiagnoseFault(0x1090, below, above).block, &below);
  found = DiagnoseFault(0x1091, below, above);
  EXPECT_EQ(found.kind, ErrorKind::kHeapBufferUnderflow);
  EXPECT_EQ(found.block, &above);
}

TEST(DiagnoseFault, OwnBytesOfALiveBlockAreNoMistakeOfOurs) {
  BlockDescription live = Block(0x1000, 16, true);
  EXPECT_EQ(DiagnoseFault(0x1000, live, kNone).kind, ErrorKind::kNone);
  EXPECT_EQ(DiagnoseFault(0x100f, live, Block(0x1010, 8, false)).kind,
            ErrorKind::kNone);
}

TEST(DiagnoseFault, AnEmptyBlockHasNoBytes) {
  BlockDescription empty = Block(0x1000, 0, true);
  EXPECT_EQ(DiagnoseFault(0x1000, empty, kNone).kind,
            ErrorKind::kHeapBufferOverflow);
}

}  // namespace
}  // namespace dbgalloc::debug
