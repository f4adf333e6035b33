#include "alloc/heap/quarantine.h"

#include <algorithm>
#include <deque>
#include <random>

#include "gtest/gtest.h"

namespace dbgalloc::heap {
namespace {

constexpr size_t kGranuleSize = 4096;
constexpr uint32_t kGranules = 8;

// A span whose granules can go idle, the only one of its chunk.
struct IdleSpan : Span {
  IdleSpan() {
    size = kGranules * kGranuleSize;
    all_granules = kAll;
    is_small = true;
    chunk = &own_chunk;
    own_chunk.span_count = 1;
  }
  static constexpr uint32_t kAll = (1u << kGranules) - 1;
  Chunk own_chunk;
};

// A chunk of four spans.
struct IdleChunk : Chunk {
  IdleChunk() {
    span_count = 4;
    size = span_count * kGranules * kGranuleSize;
    for (IdleSpan& span : all) {
      span.chunk = this;
      span.chunk_next = spans;
      spans = &span;
    }
  }
  IdleSpan all[4];
};

TEST(Quarantine, HoldsUpToItsLimitAndLetsTheOldestGo) {
  Quarantine quarantine;
  quarantine.Init(3 * kGranuleSize);
  IdleSpan first;
  IdleSpan second;
  quarantine.Hold(&first, 0b01);
  quarantine.Hold(&second, 0b11);
  EXPECT_EQ(quarantine.held_bytes(), 3 * kGranuleSize);
  EXPECT_EQ(quarantine.PopExcess().span, nullptr) << "at the limit";
  quarantine.Hold(&second, 0b100);
  Leaving leaving = quarantine.PopExcess();
  EXPECT_EQ(leaving.span, &first);
  EXPECT_EQ(leaving.granules, 0b01u);
  EXPECT_TRUE(first.claimed);
  EXPECT_FALSE(quarantine.Finish(leaving)) << "most of the span is in use";
  first.Unclaim();
  EXPECT_EQ(quarantine.PopExcess().span, nullptr);
}

TEST(Quarantine, ASpanLeavesWithAllItsIdleGranulesByItsOldestOne) {
  Quarantine quarantine;
  quarantine.Init(kGranuleSize);
  IdleSpan first;
  IdleSpan second;
  quarantine.Hold(&first, 0b0001);
  quarantine.Hold(&second, 0b0001);
  quarantine.Hold(&first, 0b1000);
  Leaving leaving = quarantine.PopExcess();
  EXPECT_EQ(leaving.span, &first);
  EXPECT_EQ(leaving.granules, 0b1001u);
  EXPECT_EQ(quarantine.held_bytes(), kGranuleSize);
  quarantine.Finish(leaving);
  first.Unclaim();
}

TEST(Quarantine, TheLastGranuleRetiresTheSpan) {
  Quarantine quarantine;
  quarantine.Init(0);
  IdleSpan span;
  quarantine.Hold(&span, 0x0f);
  Leaving leaving = quarantine.PopExcess();
  EXPECT_FALSE(quarantine.Finish(leaving));
  span.Unclaim();
  quarantine.Hold(&span, 0xf0);
  leaving = quarantine.PopExcess();
  EXPECT_EQ(leaving.granules, 0xf0u) << "what is gone does not leave again";
  EXPECT_TRUE(quarantine.Finish(leaving));
  span.Unclaim();
  EXPECT_EQ(quarantine.held_bytes(), 0u);
}

TEST(Quarantine, AClaimedSpanStaysAndItsTurnComesAgain) {
  Quarantine quarantine;
  quarantine.Init(0);
  IdleSpan span;
  ASSERT_TRUE(span.TryClaim());
  quarantine.Hold(&span, 1);
  EXPECT_EQ(quarantine.PopExcess().span, nullptr);
  span.Unclaim();
  EXPECT_EQ(quarantine.PopExcess().span, &span);
}

TEST(Quarantine, WithoutALimitNothingEverLeaves) {
  Quarantine quarantine;
  quarantine.Init(SIZE_MAX);
  IdleSpan span;
  quarantine.Hold(&span, 0xff);
  EXPECT_EQ(quarantine.PopExcess().span, nullptr);
  EXPECT_EQ(quarantine.PopAny().span, nullptr);
}

TEST(Quarantine, AChunkWithNothingLiveLeavesAsOne) {
  Quarantine quarantine;
  IdleChunk chunk;
  quarantine.Init(16 * chunk.size);
  for (IdleSpan& span : chunk.all) quarantine.Hold(&span, IdleSpan::kAll);
  EXPECT_EQ(quarantine.PopExcess().span, nullptr) << "within the limit";
  IdleSpan others[61];
  for (IdleSpan& span : others) quarantine.Hold(&span, IdleSpan::kAll);
  Leaving leaving = quarantine.PopExcess();
  EXPECT_EQ(leaving.chunk, &chunk);
  EXPECT_EQ(quarantine.held_bytes(), 61u * kGranules * kGranuleSize);
  for (IdleSpan& span : chunk.all) {
    EXPECT_TRUE(span.claimed);
    EXPECT_FALSE(span.queued);
    EXPECT_TRUE(quarantine.Finish({&span, IdleSpan::kAll}));
    span.Unclaim();
  }
  EXPECT_EQ(quarantine.PopAny().span, &others[0]) << "the queue is whole";
}

TEST(Quarantine, AChunkStaysTogetherOnlyIfAllOfItMayLeave) {
  for (int hindrance = 0; hindrance < 4; ++hindrance) {
    Quarantine quarantine;
    IdleChunk chunk;
    quarantine.Init((hindrance == 0 ? 8 : 16) * chunk.size);
    if (hindrance == 1) chunk.all[3].claimed = true;
    for (IdleSpan& span : chunk.all) {
      bool one_lives = hindrance == 2 && &span == &chunk.all[2];
      quarantine.Hold(&span, one_lives ? 0x7f : IdleSpan::kAll);
    }
    if (hindrance == 3) chunk.all[1].released_granules = 1;
    IdleSpan others[64];
    for (IdleSpan& span : others) quarantine.Hold(&span, IdleSpan::kAll);
    Leaving leaving = quarantine.PopExcess();
    EXPECT_EQ(leaving.chunk, nullptr) << hindrance;
    EXPECT_EQ(leaving.span, &chunk.all[0]) << hindrance;
    EXPECT_EQ(leaving.granules, IdleSpan::kAll);
    EXPECT_FALSE(chunk.all[1].claimed) << "claims are given back";
  }
}

TEST(Quarantine, AgreesWithAQueue) {
  Quarantine quarantine;
  constexpr size_t kLimit = 20 * kGranuleSize;
  quarantine.Init(kLimit);
  static IdleSpan spans[200];
  std::deque<Span*> model;
  std::mt19937 random(3);
  size_t held = 0;
  for (int i = 0; i < 1600; ++i) {
    IdleSpan& span = spans[random() % 200];
    uint32_t granule = 1u << random() % kGranules;
    if ((span.idle_granules & granule) != 0) continue;
    quarantine.Hold(&span, granule);
    held += kGranuleSize;
    if (std::find(model.begin(), model.end(), &span) == model.end()) {
      model.push_back(&span);
    }
    for (;;) {
      Leaving leaving = quarantine.PopExcess();
      ASSERT_EQ(leaving.span == nullptr, held <= kLimit);
      if (leaving.span == nullptr) break;
      ASSERT_EQ(leaving.span, model.front());
      model.pop_front();
      held -= static_cast<size_t>(__builtin_popcount(leaving.granules)) *
              kGranuleSize;
      quarantine.Finish(leaving);
      leaving.span->Unclaim();
    }
    ASSERT_EQ(quarantine.held_bytes(), held);
  }
}

}  // namespace
}  // namespace dbgalloc::heap
