// Lives by seed: the fuzz target's inputs where there is no fuzzer.
#include <cstdlib>
#include <random>
#include <vector>

#include "alloc/debug_allocator_model.h"
#include "gtest/gtest.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

std::vector<uint8_t> InputOf(uint32_t seed, size_t size) {
  std::mt19937 random(seed);
  std::vector<uint8_t> input(size);
  for (uint8_t& byte : input) byte = static_cast<uint8_t>(random());
  return input;
}

void LiveBySeed(uint32_t seed, size_t size) {
  std::vector<uint8_t> input = InputOf(seed, size);
  LLVMFuzzerTestOneInput(input.data(), input.size());
}

// DBGALLOC_FUZZ_SEEDS raises the number.
uint32_t SeedCount() {
  const char* text = std::getenv("DBGALLOC_FUZZ_SEEDS");
  return text == nullptr ? 300 : static_cast<uint32_t>(std::atoi(text));
}

TEST(DebugAllocatorFuzz, ShortLives) {
  for (uint32_t seed = 0; seed < SeedCount(); ++seed) {
    SCOPED_TRACE(seed);
    LiveBySeed(seed, 20 + seed % 400);
  }
}

TEST(DebugAllocatorFuzz, LongLives) {
  for (uint32_t seed = 0; seed < SeedCount() / 20; ++seed) {
    SCOPED_TRACE(seed);
    LiveBySeed(0x10000 + seed, 40'000);
  }
}

// Walks the refusal through every call to the backing allocator, however many
// there are.
TEST(DebugAllocatorFuzz, WhicheverCallIsRefused) {
  for (uint32_t seed : {1, 2, 3}) {
    std::vector<uint8_t> input = InputOf(seed, 1500);
    for (bool refuses_on : {false, true}) {
      uint64_t refused = 0;
      while (dbgalloc::testing_support::PlayWithRefusal(
                 input.data(), input.size(), refused, refuses_on) > refused) {
        ASSERT_LT(++refused, 10'000u) << "the refusals never stop";
      }
      EXPECT_GT(refused, 5u);
    }
  }
}

// From one page to a gibibyte.
TEST(DebugAllocatorFuzz, AtEveryCapacity) {
  constexpr uint64_t kMost = uint64_t{1} << 30;
  for (uint64_t capacity = 4096; capacity <= kMost; capacity *= 2) {
    for (uint32_t seed = 0; seed < SeedCount() / 20; ++seed) {
      SCOPED_TRACE(testing::Message() << capacity << " bytes, seed " << seed);
      std::vector<uint8_t> input = InputOf(0x20000 + seed, 1500);
      dbgalloc::testing_support::PlayAtCapacity(input.data(), input.size(),
                                                capacity, seed);
    }
  }
}

TEST(DebugAllocatorFuzz, TheSameDecisionsOverEveryBacking) {
  std::vector<uint8_t> input = InputOf(4711, 3000);
  for (int first = 0; first < 3; ++first) {
    input[0] = static_cast<uint8_t>(first);
    LLVMFuzzerTestOneInput(input.data(), input.size());
  }
}

}  // namespace
