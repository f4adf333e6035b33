#include "alloc/heap/page_map.h"

#include <map>
#include <memory>
#include <random>
#include <vector>

#include "alloc/heap/span.h"
#include "alloc/heap/test_backing.h"
#include "gtest/gtest.h"

namespace dbgalloc::heap {
namespace {

class PageMapTest : public testing::TestWithParam<unsigned> {
 protected:
  PageMapTest() : map_(std::make_unique<PageMap>()) {
    arena_.Init(&backing_, 1 << 16, false);
    map_->Init(GetParam());
  }
  ~PageMapTest() override { arena_.ReleaseAll(); }

  uintptr_t unit() const { return uintptr_t{1} << GetParam(); }

  TestBacking backing_;
  MetadataArena arena_;
  std::unique_ptr<PageMap> map_;
  Span spans_[3];
};

INSTANTIATE_TEST_SUITE_P(ByUnit, PageMapTest,
                         testing::Values(12u, 16u, 17u, 22u));

TEST_P(PageMapTest, AnyValueCanBeAskedFor) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 10'000; ++i) {
    auto address = static_cast<uintptr_t>(random() >> (i % 64));
    EXPECT_EQ(map_->Find(address).span, nullptr);
    EXPECT_FALSE(map_->Find(address).forgotten);
    EXPECT_EQ(map_->FindBelow(address, 3), nullptr);
    EXPECT_EQ(map_->FindAbove(address, 3), nullptr);
  }
}

TEST_P(PageMapTest, RangesAreFoundFromFirstToLastByte) {
  uintptr_t begin = 16 * unit();
  ASSERT_TRUE(map_->Register(begin, 3 * unit(), &spans_[0], arena_));
  EXPECT_EQ(map_->Find(begin - 1).span, nullptr);
  EXPECT_EQ(map_->Find(begin).span, &spans_[0]);
  EXPECT_EQ(map_->Find(begin + 3 * unit() - 1).span, &spans_[0]);
  EXPECT_EQ(map_->Find(begin + 3 * unit()).span, nullptr);
}

// Of the usual addresses, and of those that a program has to ask for.
TEST_P(PageMapTest, TheTopOfTheAddressSpaceIsReached) {
  for (unsigned bits : {PageMap::kAddressBits, PageMap::kMostAddressBits}) {
    const uintptr_t last = UINTPTR_MAX >> (sizeof(uintptr_t) * 8 - bits);
    const uintptr_t begin = last - unit() + 1;
    ASSERT_TRUE(map_->Register(begin, unit(), &spans_[0], arena_));
    EXPECT_EQ(map_->Find(last).span, &spans_[0]);
    EXPECT_EQ(map_->Find(last + 1).span, nullptr);
    EXPECT_EQ(map_->Find(last ^ (UINTPTR_MAX - UINTPTR_MAX / 2)).span, nullptr);
  }
}

TEST_P(PageMapTest, NothingBeyondItIsRegistered) {
  const uintptr_t last =
      UINTPTR_MAX >> (sizeof(uintptr_t) * 8 - PageMap::kMostAddressBits);
  const uintptr_t begin = last - unit() + 1;
  ASSERT_TRUE(map_->Register(begin, unit(), &spans_[0], arena_));
  EXPECT_FALSE(map_->Register(last + 1, unit(), &spans_[1], arena_) &&
               last + 1 != 0);
  EXPECT_FALSE(map_->Register(begin, 2 * unit(), &spans_[1], arena_));
  EXPECT_EQ(map_->Find(last).span, &spans_[0]);
}

// With five levels of page tables a program that asks gets such addresses.
TEST_P(PageMapTest, PartsBeyondTheUsualAddressesAreApart) {
  if (PageMap::kMostAddressBits == PageMap::kAddressBits) {
    GTEST_SKIP() << "every address is a usual one";
  }
  const uintptr_t step = uintptr_t{1}
                         << (PageMap::kAddressBits % (8 * sizeof(uintptr_t)));
  const uintptr_t near = 64 * unit();
  ASSERT_TRUE(map_->Register(near, unit(), &spans_[0], arena_));
  EXPECT_EQ(map_->Find(near + step).span, nullptr);
  ASSERT_TRUE(map_->Register(near + step, unit(), &spans_[1], arena_));
  ASSERT_TRUE(map_->Register(near + 9 * step, unit(), &spans_[2], arena_));
  EXPECT_EQ(map_->Find(near).span, &spans_[0]);
  EXPECT_EQ(map_->Find(near + step).span, &spans_[1]);
  EXPECT_EQ(map_->Find(near + 9 * step + unit() - 1).span, &spans_[2]);
  EXPECT_EQ(map_->Find(near + 2 * step).span, nullptr);
  map_->Forget(near + step, unit(), &spans_[1]);
  EXPECT_TRUE(map_->Find(near + step).forgotten);
  EXPECT_EQ(map_->Find(near).span, &spans_[0]);
}

TEST_P(PageMapTest, WithoutMemoryNothingIsRegistered) {
  if (GetParam() + 10 >= PageMap::kAddressBits) {
    GTEST_SKIP() << "the root is all there is";
  }
  backing_.refuses = true;
  EXPECT_FALSE(map_->Register(8 * unit(), unit(), &spans_[0], arena_));
  EXPECT_EQ(map_->Find(8 * unit()).span, nullptr);
}

TEST_P(PageMapTest, ForgottenRangesAreRememberedAsSuch) {
  ASSERT_TRUE(map_->Register(8 * unit(), 2 * unit(), &spans_[0], arena_));
  map_->Forget(8 * unit(), 2 * unit(), &spans_[0]);
  EXPECT_EQ(map_->Find(9 * unit()).span, nullptr);
  EXPECT_TRUE(map_->Find(9 * unit()).forgotten);
  EXPECT_FALSE(map_->Find(10 * unit()).forgotten);
  map_->Clear(8 * unit(), 2 * unit());
  EXPECT_FALSE(map_->Find(9 * unit()).forgotten);
}

// A backing allocator without pages of its own may hand the address of a
// retired span out again before its record is forgotten.
TEST_P(PageMapTest, ForgettingLeavesUnitsThatNewerSpansHaveTaken) {
  for (uintptr_t taken : {0, 1, 2}) {
    uintptr_t begin = (8 + 8 * taken) * unit();
    ASSERT_TRUE(map_->Register(begin, 3 * unit(), &spans_[0], arena_));
    ASSERT_TRUE(
        map_->Register(begin + taken * unit(), unit(), &spans_[1], arena_));
    map_->Forget(begin, 3 * unit(), &spans_[0]);
    for (uintptr_t i = 0; i < 3; ++i) {
      PageMapAnswer answer = map_->Find(begin + i * unit());
      EXPECT_EQ(answer.span, i == taken ? &spans_[1] : nullptr);
      EXPECT_EQ(answer.forgotten, i != taken);
    }
  }
}

TEST_P(PageMapTest, NearestSpansAreFoundWithinTheDistance) {
  ASSERT_TRUE(map_->Register(10 * unit(), unit(), &spans_[0], arena_));
  ASSERT_TRUE(map_->Register(20 * unit(), unit(), &spans_[1], arena_));
  EXPECT_EQ(map_->FindBelow(15 * unit(), 5), &spans_[0]);
  EXPECT_EQ(map_->FindBelow(15 * unit(), 4), nullptr);
  EXPECT_EQ(map_->FindAbove(15 * unit(), 5), &spans_[1]);
  EXPECT_EQ(map_->FindAbove(15 * unit(), 4), nullptr);
  EXPECT_EQ(map_->FindBelow(10 * unit(), 0), &spans_[0]);
  EXPECT_EQ(map_->FindBelow(0, 100), nullptr);
  EXPECT_EQ(map_->FindAbove(UINTPTR_MAX, 100), nullptr);
}

uintptr_t AnyAddress(std::mt19937_64& random) {
  return static_cast<uintptr_t>(random() >> (64 - PageMap::kAddressBits));
}

TEST_P(PageMapTest, AgreesWithAMap) {
  std::mt19937_64 random(7);
  std::map<uintptr_t, Span*> model;
  for (int i = 0; i < 2000; ++i) {
    uintptr_t address = AnyAddress(random) & ~(unit() - 1);
    Span* span = &spans_[random() % 3];
    ASSERT_TRUE(map_->Register(address, unit(), span, arena_));
    model[address] = span;
    for (int n = 0; n < 5 && n < static_cast<int>(model.size()); ++n) {
      auto at = model.lower_bound(AnyAddress(random));
      if (at == model.end()) continue;
      ASSERT_EQ(map_->Find(at->first + random() % unit()).span, at->second);
    }
  }
}

}  // namespace
}  // namespace dbgalloc::heap
