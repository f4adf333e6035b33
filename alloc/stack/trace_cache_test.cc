#include "alloc/stack/trace_cache.h"

#include <gtest/gtest.h>

#include <memory>

namespace dbgalloc::stack {
namespace {

constexpr TraceCache::Settings kSettings = {1, 1};

// A stack of sixteen words and a walk that went by three of them.
class TraceCacheTest : public testing::Test {
 protected:
  TraceCacheTest() {
    for (uintptr_t i = 0; i < 16; ++i) stack_[i] = 0x401000 + i;
  }

  uintptr_t AddressOf(size_t word) const {
    return reinterpret_cast<uintptr_t>(&stack_[word]);
  }
  CallerFrame From(uintptr_t frame_pointer = 0) const {
    return {0x401234, AddressOf(0), frame_pointer};
  }
  WalkedWords Walk() const {
    WalkedWords words(AddressOf(0));
    for (size_t word : {3, 7, 15}) words.Add(AddressOf(word), stack_[word]);
    return words;
  }
  uint32_t Find(const CallerFrame& from) {
    return cache_->Find(from, kSettings, AddressOf(16));
  }

  uintptr_t stack_[16];
  std::unique_ptr<TraceCache> cache_ = std::make_unique<TraceCache>();
};

TEST_F(TraceCacheTest, FindsAStackThatIsUnchanged) {
  EXPECT_EQ(Find(From()), 0u);
  cache_->Insert(From(), kSettings, Walk(), 77);
  EXPECT_EQ(Find(From()), 77u);
  stack_[4] = 1;  // no walk went by this word
  EXPECT_EQ(Find(From()), 77u);
  EXPECT_EQ(cache_->hits(), 2u);
}

TEST_F(TraceCacheTest, AStackIsWorthRememberingWhenItComesAgain) {
  EXPECT_FALSE(cache_->WantsMore(From()));
  EXPECT_TRUE(cache_->WantsMore(From()));
  CallerFrame elsewhere = From();
  elsewhere.stack_pointer += 8;
  EXPECT_FALSE(cache_->WantsMore(elsewhere));
}

TEST_F(TraceCacheTest, AFullPlaceWantsMoreNowAndThen) {
  cache_->WantsMore(From());
  int before_full = 0;
  for (uint32_t id = 1; id < 5 && cache_->WantsMore(From()); ++id) {
    stack_[7] = id;
    cache_->Insert(From(), kSettings, Walk(), id);
    ++before_full;
  }
  EXPECT_EQ(before_full, 4);
  int wanted = 0;
  for (int i = 0; i < 160; ++i) wanted += cache_->WantsMore(From()) ? 1 : 0;
  EXPECT_EQ(wanted, 10);
}

TEST_F(TraceCacheTest, EveryWordOfTheWalkCounts) {
  cache_->Insert(From(), kSettings, Walk(), 77);
  for (size_t word : {3, 7, 15}) {
    stack_[word] ^= 1;
    EXPECT_EQ(Find(From()), 0u) << word;
    stack_[word] ^= 1;
    EXPECT_EQ(Find(From()), 77u);
  }
}

TEST_F(TraceCacheTest, EverythingElseCountsToo) {
  cache_->Insert(From(), kSettings, Walk(), 77);
  CallerFrame other = From();
  other.program_counter += 1;
  EXPECT_EQ(Find(other), 0u);
  other = From();
  other.stack_pointer += 8;
  EXPECT_EQ(Find(other), 0u);
  EXPECT_EQ(cache_->Find(From(), {2, 1}, AddressOf(16)), 0u);
  EXPECT_EQ(cache_->Find(From(), {1, 2}, AddressOf(16)), 0u);
}

TEST_F(TraceCacheTest, ReadsNothingBeyondTheStack) {
  cache_->Insert(From(), kSettings, Walk(), 77);
  EXPECT_EQ(cache_->Find(From(), kSettings, AddressOf(15)), 0u);
  EXPECT_EQ(
      cache_->Find(From(), kSettings, AddressOf(15) + sizeof(uintptr_t) - 1),
      0u);
}

TEST_F(TraceCacheTest, TheFramePointerCountsWhereItWasUsed) {
  cache_->Insert(From(100), kSettings, Walk(), 77);
  EXPECT_EQ(Find(From(200)), 77u);
  WalkedWords words = Walk();
  words.UseFramePointer();
  cache_->Insert({0x405678, AddressOf(0), 100}, kSettings, words, 78);
  EXPECT_EQ(Find({0x405678, AddressOf(0), 100}), 78u);
  EXPECT_EQ(Find({0x405678, AddressOf(0), 200}), 0u);
}

TEST_F(TraceCacheTest, AWalkThatCannotBeRepeatedIsNotKept) {
  WalkedWords words = Walk();
  words.NotRepeatable();
  cache_->Insert(From(), kSettings, words, 77);
  EXPECT_EQ(Find(From()), 0u);
  WalkedWords many(AddressOf(0));
  for (size_t i = 0; i <= WalkedWords::kCapacity; ++i) {
    many.Add(AddressOf(i % 16), stack_[i % 16]);
  }
  EXPECT_FALSE(many.repeatable());
}

// More stacks at one place than there is room for.
TEST_F(TraceCacheTest, AFullPlaceStillTakesNewStacks) {
  for (uint32_t id = 1; id < 100; ++id) {
    stack_[7] = id;
    cache_->Insert(From(), kSettings, Walk(), id);
    const uint32_t found = Find(From());
    EXPECT_TRUE(found == 0 || found == id);
  }
  stack_[7] = 1000;
  int tries = 0;
  while (Find(From()) == 0 && tries < 200) {
    cache_->Insert(From(), kSettings, Walk(), 1000);
    ++tries;
  }
  EXPECT_LT(tries, 200);
}

TEST_F(TraceCacheTest, APlaceIsCrowdedWhileNothingIsFoundThere) {
  for (int i = 0; i < 1000 && !cache_->IsCrowded(From()); ++i) Find(From());
  int looks = 0;
  for (int i = 0; i < 800; ++i) looks += cache_->IsCrowded(From()) ? 0 : 1;
  EXPECT_EQ(looks, 100);
  cache_->Insert(From(), kSettings, Walk(), 77);
  EXPECT_EQ(Find(From()), 77u);
  EXPECT_FALSE(cache_->IsCrowded(From()));
}

// More stacks than there is room for: those that are found are the right ones.
TEST_F(TraceCacheTest, ManyStacksDoNotMixUp) {
  constexpr uint32_t kStacks = 5000;
  CallerFrame from = From();
  auto frame_of = [&from](uint32_t i) {
    CallerFrame frame = from;
    frame.program_counter += 16 * uintptr_t{i};
    return frame;
  };
  for (uint32_t i = 1; i <= kStacks; ++i) {
    cache_->Insert(frame_of(i), kSettings, Walk(), i);
  }
  uint32_t found = 0;
  for (uint32_t i = 1; i <= kStacks; ++i) {
    const uint32_t id = Find(frame_of(i));
    if (id == 0) continue;
    ASSERT_EQ(id, i);
    ++found;
  }
  EXPECT_GT(found, 1800u) << "nearly all entries are in use";
}

}  // namespace
}  // namespace dbgalloc::stack
