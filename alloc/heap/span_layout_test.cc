// The arithmetic of spans against counting by hand.
#include "alloc/heap/span_layout.h"

#include "alloc/heap/heap_config.h"
#include "alloc/heap/size_classes.h"
#include "gtest/gtest.h"

namespace dbgalloc::heap {
namespace {

constexpr size_t kSpanSizes[] = {4096, 16'384, 131'072, 4'194'304};
constexpr size_t kRedzones[] = {0, 16, 48, 256};

// Calls body(span, redzone) for every class that a span of each size serves.
template <typename Body>
void ForEverySmallSpan(const Body& body) {
  for (size_t span_size : kSpanSizes) {
    for (size_t redzone : kRedzones) {
      if (redzone > span_size / 16) continue;
      if (span_size > 131'072 && redzone != 16) continue;  // takes long
      for (size_t c = 0; ClassCapacity(c) <= span_size / 4; ++c) {
        Span span;
        span.begin = 0x10000000;
        span.size = span_size;
        LayOutSlots(&span, c, redzone);
        SCOPED_TRACE(testing::Message() << span_size << " bytes, class " << c
                                        << ", redzone " << redzone);
        body(span, redzone);
        if (testing::Test::HasFailure() || c + 1 == kMaxClasses) break;
      }
    }
  }
}

TEST(SpanLayout, SlotsFillTheSpanAndNoMore) {
  ForEverySmallSpan([](const Span& span, size_t redzone) {
    size_t capacity = ClassCapacity(span.size_class);
    EXPECT_EQ(span.stride, capacity + redzone);
    EXPECT_FALSE(span.is_large);
    EXPECT_GE(span.slot_count, 2u);
    EXPECT_LE(size_t{span.slot_count} * span.stride + redzone, span.size);
    EXPECT_GT((size_t{span.slot_count} + 1) * span.stride + redzone, span.size);
  });
}

TEST(SpanLayout, EveryOffsetFindsItsSlot) {
  ForEverySmallSpan([](const Span& span, size_t) {
    size_t step = span.size <= 16'384 ? 1 : span.size / 10'007;
    for (size_t offset = 0; offset < span.size; offset += step) {
      ASSERT_EQ(span.SlotOf(offset), offset / span.stride) << offset;
    }
    for (uint32_t slot = 0; slot < span.slot_count; ++slot) {
      size_t offset = span.SlotBegin(slot) - span.begin;
      ASSERT_EQ(span.SlotOf(offset), slot);
      ASSERT_EQ(span.SlotOf(offset + span.stride - 1), slot);
    }
  });
}

TEST(SpanLayout, GranulesKnowHowManySlotsTouchThem) {
  ForEverySmallSpan([](Span& span, size_t redzone) {
    size_t granule = span.size / kMaxGranules;
    if (granule < 4096) granule = 4096;
    SetGranules(&span, granule, redzone);
    size_t count = span.size / granule;
    uint32_t expected[kMaxGranules] = {};
    for (size_t slot = 0; slot < span.slot_count; ++slot) {
      size_t begin = slot * span.stride;
      size_t end = begin + span.stride + redzone;
      size_t near = begin / granule;
      for (size_t g = near > 2 ? near - 2 : 0; g < count; ++g) {
        if (g * granule > end + granule) break;
        bool touches = begin < (g + 1) * granule && end > g * granule;
        expected[g] += touches ? 1 : 0;
      }
    }
    for (size_t g = 0; g < count; ++g) {
      ASSERT_EQ(span.granule_slots[g], expected[g]) << g;
      bool unused = (span.unused_granules >> g & 1) != 0;
      ASSERT_EQ(unused, expected[g] == 0) << g;
    }
    EXPECT_EQ(span.released_granules, span.unused_granules);
    EXPECT_EQ(span.idle_granules, span.unused_granules);
    EXPECT_EQ(static_cast<size_t>(__builtin_popcount(span.all_granules)),
              count);
  });
}

TEST(SpanLayout, LargeBlocksLieBetweenRedzonesAndGuards) {
  constexpr size_t kPage = 4096;
  for (size_t page_size : {size_t{0}, kPage}) {
    for (size_t alignment = 16; alignment <= 1 << 20; alignment *= 2) {
      for (size_t size : {1, 4096, 100'000}) {
        for (size_t redzone : {0, 16, 256}) {
          Span span;
          span.is_large = true;
          span.begin = 0x40000000 + 131'072;
          span.size = RoundUp(
              size + LargeOverhead(alignment, page_size, redzone), 131'072);
          PlaceLargeBlock(&span, size, alignment, page_size, redzone);
          uintptr_t user = span.large_user_begin;
          EXPECT_EQ(user % alignment, 0u);
          EXPECT_GE(user, span.begin + page_size + redzone);
          EXPECT_GE(span.large_usable_end, user + size + redzone);
          EXPECT_LE(span.large_usable_end + page_size, span.begin + span.size);
          EXPECT_EQ(span.large_size, size);
        }
      }
    }
  }
}

TEST(SpanLayout, ALargeSpanIsOneGranule) {
  Span span;
  span.is_large = true;
  span.slot_count = 1;
  span.size = 1 << 20;
  SetGranules(&span, span.size, 16);
  EXPECT_EQ(span.all_granules, 1u);
  EXPECT_EQ(span.unused_granules, 0u);
  EXPECT_EQ(span.granule_slots[0], 1u);
}

}  // namespace
}  // namespace dbgalloc::heap
