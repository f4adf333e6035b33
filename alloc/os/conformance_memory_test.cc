// Memory: what pages.h, memory_probe.h, process_memory.h and protection_keys.h
// promise in words, on the platform that this runs on.
#include <errno.h>
#include <gtest/gtest.h>
#include <string.h>

#include "alloc/os/platform_services.h"

namespace dbgalloc::os {
namespace {

constexpr size_t kLargeAlignment = size_t{2} << 20;
constexpr size_t kTooMuch =
    (sizeof(size_t) == 8 ? SIZE_MAX / 2 : SIZE_MAX / 8 * 7) &
    ~(kLargeAlignment - 1);

uintptr_t AddressOf(const void* pointer) {
  return reinterpret_cast<uintptr_t>(pointer);
}

template <typename Pages>
class VirtualMemoryConformance : public testing::Test {
  static_assert(VirtualMemory<Pages>);

 protected:
  void SetUp() override {
    size_ = 16 * page_;
    memory_ = static_cast<char*>(Pages::MapPages(size_, page_));
    ASSERT_NE(memory_, nullptr);
  }
  void TearDown() override { Pages::ReleasePages(memory_, size_); }

  bool CanRead(size_t page) const {
    return SystemProbe::IsReadable(AddressOf(memory_ + page * page_));
  }
  bool IsZero(size_t first_page, size_t pages) const {
    const char* begin = memory_ + first_page * page_;
    for (size_t i = 0; i < pages * page_; ++i) {
      if (begin[i] != 0) return false;
    }
    return true;
  }

  const size_t page_ = Pages::PageSize();
  size_t size_ = 0;
  char* memory_ = nullptr;
};

using PageSources = testing::Types<SystemPages>;
TYPED_TEST_SUITE(VirtualMemoryConformance, PageSources);

TYPED_TEST(VirtualMemoryConformance, PagesAreAPowerOfTwo) {
  EXPECT_GE(this->page_, 4096u);
  EXPECT_EQ(this->page_ & (this->page_ - 1), 0u);
  EXPECT_EQ(TypeParam::PageSize(), this->page_);
}

TYPED_TEST(VirtualMemoryConformance, FreshPagesAreZeroAndWritable) {
  EXPECT_EQ(AddressOf(this->memory_) % this->page_, 0u);
  EXPECT_TRUE(this->IsZero(0, 16));
  memset(this->memory_, 0x5a, this->size_);
  EXPECT_EQ(this->memory_[this->size_ - 1], 0x5a);
}

TYPED_TEST(VirtualMemoryConformance, AnyAlignmentIsHonoured) {
  for (size_t alignment = this->page_; alignment <= kLargeAlignment;
       alignment *= 2) {
    void* memory = TypeParam::MapPages(3 * this->page_, alignment);
    ASSERT_NE(memory, nullptr) << alignment;
    EXPECT_EQ(AddressOf(memory) % alignment, 0u) << alignment;
    memset(memory, 1, 3 * this->page_);
    TypeParam::ReleasePages(memory, 3 * this->page_);
  }
}

TYPED_TEST(VirtualMemoryConformance, WhatIsTooMuchIsRefusedByNull) {
  errno = EDOM;
  EXPECT_EQ(TypeParam::MapPages(kTooMuch, this->page_), nullptr);
  EXPECT_EQ(TypeParam::MapPages(kTooMuch, kLargeAlignment), nullptr);
  EXPECT_EQ(TypeParam::ReservePages(kTooMuch), nullptr);
  EXPECT_EQ(TypeParam::MapHugePages(kTooMuch, kLargeAlignment), nullptr);
  EXPECT_EQ(errno, EDOM);
}

TYPED_TEST(VirtualMemoryConformance, ReservedPagesFaultUntilCommitted) {
  char* reserved = static_cast<char*>(TypeParam::ReservePages(this->size_));
  ASSERT_NE(reserved, nullptr);
  EXPECT_FALSE(SystemProbe::IsReadable(AddressOf(reserved)));
  ASSERT_TRUE(TypeParam::CommitPages(reserved + this->page_, this->page_));
  reserved[this->page_] = 7;
  EXPECT_FALSE(SystemProbe::IsReadable(AddressOf(reserved)));
  EXPECT_FALSE(SystemProbe::IsReadable(AddressOf(reserved + 2 * this->page_)));
  TypeParam::ReleasePages(reserved, this->size_);
}

TYPED_TEST(VirtualMemoryConformance, ReadOnlyPagesKeepTheirContents) {
  this->memory_[5] = 'x';
  ASSERT_TRUE(TypeParam::SetPagesWritable(this->memory_, this->page_, false));
  EXPECT_TRUE(this->CanRead(0));
  EXPECT_EQ(this->memory_[5], 'x');
  ASSERT_TRUE(TypeParam::SetPagesWritable(this->memory_, this->page_, true));
  this->memory_[5] = 'y';
  EXPECT_EQ(this->memory_[5], 'y');
}

TYPED_TEST(VirtualMemoryConformance, DiscardedPagesReadAsZero) {
  memset(this->memory_, 0x5a, this->size_);
  ASSERT_TRUE(
      TypeParam::DiscardPages(this->memory_ + this->page_, 2 * this->page_));
  EXPECT_TRUE(this->IsZero(1, 2));
  EXPECT_EQ(this->memory_[0], 0x5a);
  EXPECT_EQ(this->memory_[3 * this->page_], 0x5a);
}

TYPED_TEST(VirtualMemoryConformance, RetiredPagesFaultAndComeBackZero) {
  memset(this->memory_, 0x5a, this->size_);
  char* retired = this->memory_ + 4 * this->page_;
  ASSERT_TRUE(TypeParam::RetirePages(retired, 4 * this->page_));
  for (size_t page = 4; page < 8; ++page) EXPECT_FALSE(this->CanRead(page));
  EXPECT_TRUE(this->CanRead(3));
  EXPECT_TRUE(this->CanRead(8));
  ASSERT_TRUE(TypeParam::ReactivatePages(retired, 4 * this->page_));
  EXPECT_TRUE(this->IsZero(4, 4));
  memset(retired, 1, 4 * this->page_);
}

TYPED_TEST(VirtualMemoryConformance, FoldedPagesFaultAndCanBeCommitted) {
  memset(this->memory_, 0x5a, this->size_);
  ASSERT_TRUE(TypeParam::RetirePages(this->memory_, this->page_));
  ASSERT_TRUE(TypeParam::FoldPages(this->memory_, 8 * this->page_));
  for (size_t page = 0; page < 8; ++page) EXPECT_FALSE(this->CanRead(page));
  ASSERT_TRUE(TypeParam::CommitPages(this->memory_, 8 * this->page_));
  EXPECT_TRUE(this->IsZero(0, 8));
  memset(this->memory_, 1, 8 * this->page_);
}

TYPED_TEST(VirtualMemoryConformance, CommittingAgainGivesZeroPages) {
  memset(this->memory_, 0x5a, this->size_);
  ASSERT_TRUE(TypeParam::CommitPages(this->memory_, 2 * this->page_));
  EXPECT_TRUE(this->IsZero(0, 2));
  EXPECT_EQ(this->memory_[2 * this->page_], 0x5a);
}

TYPED_TEST(VirtualMemoryConformance, PiecesOpenAndCloseAgainAndAgain) {
  ASSERT_TRUE(TypeParam::ClosePages(this->memory_, this->size_));
  for (int round = 0; round < 3; ++round) {
    char* piece = this->memory_ + (3 + round) * this->page_;
    ASSERT_TRUE(TypeParam::OpenPages(piece, this->page_));
    piece[0] = 'x';
    EXPECT_FALSE(this->CanRead(2 + round));
    EXPECT_FALSE(this->CanRead(4 + round));
    ASSERT_TRUE(TypeParam::ClosePages(piece, this->page_));
    EXPECT_FALSE(this->CanRead(3 + round));
  }
}

TYPED_TEST(VirtualMemoryConformance, ReleasedPagesFault) {
  void* memory = TypeParam::MapPages(this->page_, this->page_);
  ASSERT_NE(memory, nullptr);
  TypeParam::ReleasePages(memory, this->page_);
  EXPECT_FALSE(SystemProbe::IsReadable(AddressOf(memory)));
}

TYPED_TEST(VirtualMemoryConformance, TheEndOfAMappingCanBeReleasedAlone) {
  char* memory =
      static_cast<char*>(TypeParam::MapPages(4 * this->page_, this->page_));
  ASSERT_NE(memory, nullptr);
  memory[0] = 'x';
  char* rest = memory + 2 * this->page_;
  TypeParam::ReleasePages(rest, 2 * this->page_);
  EXPECT_FALSE(SystemProbe::IsReadable(AddressOf(rest)));
  EXPECT_EQ(memory[0], 'x');
  TypeParam::ReleasePages(memory, 2 * this->page_);
  EXPECT_FALSE(SystemProbe::IsReadable(AddressOf(memory)));
}

TYPED_TEST(VirtualMemoryConformance, ManyMappingsComeAndGo) {
  for (int i = 0; i < 10'000; ++i) {
    char* memory =
        static_cast<char*>(TypeParam::MapPages(16 * this->page_, this->page_));
    ASSERT_NE(memory, nullptr) << i;
    memory[0] = 1;
    TypeParam::ReleasePages(memory + 8 * this->page_, 8 * this->page_);
    TypeParam::ReleasePages(memory, 8 * this->page_);
  }
}

TYPED_TEST(VirtualMemoryConformance, GrowingKeepsContentsOrChangesNothing) {
  char* memory =
      static_cast<char*>(TypeParam::MapPages(2 * this->page_, this->page_));
  ASSERT_NE(memory, nullptr);
  memory[0] = 'x';
  size_t size = 2 * this->page_;
  if (TypeParam::GrowInPlace(memory, size, 2 * size)) {
    size *= 2;
    memory[size - 1] = 'y';
  }
  EXPECT_EQ(memory[0], 'x');
  void* moved = TypeParam::MovePages(memory, size, 8 * this->page_);
  if (moved != nullptr) {
    memory = static_cast<char*>(moved);
    size = 8 * this->page_;
    memory[size - 1] = 'z';
  }
  EXPECT_EQ(memory[0], 'x');
  TypeParam::ReleasePages(memory, size);
}

TYPED_TEST(VirtualMemoryConformance, ContentsMoveOrStay) {
  char* to = static_cast<char*>(TypeParam::MapPages(this->size_, this->page_));
  ASSERT_NE(to, nullptr);
  memset(this->memory_, 0x5a, this->size_);
  if (TypeParam::MoveContents(this->memory_, to, this->size_)) {
    EXPECT_EQ(to[this->size_ - 1], 0x5a);
    EXPECT_TRUE(this->IsZero(0, 16));
  } else {
    EXPECT_EQ(this->memory_[this->size_ - 1], 0x5a);
    EXPECT_EQ(to[0], 0);
  }
  TypeParam::ReleasePages(to, this->size_);
}

TYPED_TEST(VirtualMemoryConformance, TouchedPagesAreResident) {
  memset(this->memory_, 1, this->size_);
  EXPECT_EQ(TypeParam::ResidentBytes(this->memory_, this->size_), this->size_);
}

TYPED_TEST(VirtualMemoryConformance, HintsAndCallsLeaveTheErrorNumber) {
  errno = EDOM;
  TypeParam::PreferLargePages(this->memory_, this->size_);
  TypeParam::AvoidLargePages(this->memory_, this->size_);
  TypeParam::RetirePages(this->memory_, this->page_);
  TypeParam::ReactivatePages(this->memory_, this->page_);
  TypeParam::DiscardPages(this->memory_, this->page_);
  EXPECT_GT(TypeParam::AddressSpaceLimit(), this->size_);
  EXPECT_EQ(errno, EDOM);
}

TEST(MemoryProbeConformance, TellsWhatCanBeRead) {
  alignas(8) static const char constant[8] = "const";
  alignas(8) char local[8] = "local";
  EXPECT_TRUE(SystemProbe::IsReadable(AddressOf(constant)));
  EXPECT_TRUE(SystemProbe::IsReadable(AddressOf(local)));
  EXPECT_FALSE(SystemProbe::IsReadable(0));
  EXPECT_FALSE(SystemProbe::IsReadable(UINTPTR_MAX & ~uintptr_t{7}));
}

TEST(MemoryFiguresConformance, FiguresAreInOrder) {
  EXPECT_GT(SystemFigures::MachineMemory(), size_t{16} << 20);
  EXPECT_GT(SystemFigures::ControlGroupLimit(), size_t{1} << 20);
  EXPECT_LE(SystemFigures::ProcessResidentBytes(),
            SystemFigures::MachineMemory());
  EXPECT_LT(SystemFigures::MappingCount(), SystemFigures::MappingLimit());
}

TEST(PageRightsConformance, AKeyOpensAndClosesOrThereIsNone) {
  const int key = SystemPageRights::AllocateProtectionKey();
  if (key == kNoProtectionKey) return;
  const size_t page = SystemPages::PageSize();
  char* memory = static_cast<char*>(SystemPages::MapPages(page, page));
  ASSERT_NE(memory, nullptr);
  ASSERT_TRUE(SystemPageRights::AssignProtectionKey(memory, page, key));
  memory[0] = 'x';
  SystemPageRights::SetKeyRights(key, KeyRights::kReadOnly);
  EXPECT_EQ(memory[0], 'x');
  SystemPageRights::SetKeyRights(key, KeyRights::kAll);
  memory[0] = 'y';
  SystemPages::ReleasePages(memory, page);
  SystemPageRights::FreeProtectionKey(key);
}

}  // namespace
}  // namespace dbgalloc::os
