#include "alloc/stack/stack_hash.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <set>
#include <string>
#include <vector>

#include "alloc/stack/stack_depot.h"

namespace dbgalloc::stack {
namespace {

uintptr_t AddressOf(const void* place) {
  return reinterpret_cast<uintptr_t>(place);
}

// Two frames of this program and one of the C library.
std::vector<uintptr_t> Frames() {
  return {AddressOf(reinterpret_cast<void*>(&Frames)),
          AddressOf(reinterpret_cast<void*>(&AddressOf)),
          AddressOf(reinterpret_cast<void*>(&fopen))};
}

uint32_t Hash(const std::vector<uintptr_t>& frames) {
  return HashStack(frames.data(), frames.size());
}

TEST(HashStack, TellsStacksApart) {
  std::set<uint32_t> hashes = {HashStack(nullptr, 0)};
  std::vector<uintptr_t> frames = Frames();
  for (size_t i = 0; i < 1000; ++i) {
    frames[i % 3] += 1;
    EXPECT_TRUE(hashes.insert(Hash(frames)).second) << i;
  }
  std::vector<uintptr_t> swapped = frames;
  std::swap(swapped[0], swapped[1]);
  EXPECT_NE(Hash(swapped), Hash(frames));
  frames.pop_back();
  EXPECT_TRUE(hashes.insert(Hash(frames)).second);
}

TEST(HashStack, LooksNotAtAddressesOfNoModule) {
  std::vector<uintptr_t> frames = Frames();
  frames.push_back(0x1234);
  const uint32_t hash = Hash(frames);
  frames.back() = 0x12340;
  EXPECT_EQ(Hash(frames), hash);
  frames.pop_back();
  EXPECT_NE(Hash(frames), hash);
}

TEST(StackHash, IsThatOfTheFrames) {
  const std::vector<uintptr_t> frames = Frames();
  const uint32_t id = GlobalStackDepot().Intern(frames.data(), frames.size());
  for (int time = 0; time < 2; ++time) EXPECT_EQ(StackHash(id), Hash(frames));
}

TEST(StackHash, IsRightForMoreStacksThanAreRemembered) {
  std::vector<uintptr_t> frames = Frames();
  std::vector<uint32_t> ids;
  for (size_t i = 0; i < 20000; ++i) {
    frames[0] += 1;
    ids.push_back(GlobalStackDepot().Intern(frames.data(), frames.size()));
  }
  for (int time = 0; time < 2; ++time) {
    std::vector<uintptr_t> expected = Frames();
    for (uint32_t id : ids) {
      expected[0] += 1;
      ASSERT_EQ(StackHash(id), Hash(expected));
    }
  }
}

TEST(StackHash, OfNoStackIsNone) {
  EXPECT_EQ(StackHash(StackDepot::kNone), 0u);
  EXPECT_EQ(StackHash(0xfffffff0), 0u);
}

// What another run of this very program says, loaded wherever it may be.
TEST(StackHash, IsTheSameInEveryRun) {
  const char kRunAsChild[] = "--gtest_filter=StackHash.DISABLED_Child";
  const std::string command = "'" + testing::internal::GetArgvs()[0] +
                              "' --gtest_also_run_disabled_tests " +
                              kRunAsChild;
  std::set<std::string> hashes;
  for (int run = 0; run < 3; ++run) {
    FILE* child = popen(command.c_str(), "r");
    ASSERT_NE(child, nullptr);
    char line[256];
    while (fgets(line, sizeof(line), child) != nullptr) {
      const std::string text = line;
      if (text.rfind("hash ", 0) == 0) hashes.insert(text);
    }
    EXPECT_EQ(pclose(child), 0);
  }
  EXPECT_EQ(hashes.size(), 1u);
}

TEST(StackHash, DISABLED_Child) { printf("hash %x\n", Hash(Frames())); }

}  // namespace
}  // namespace dbgalloc::stack
