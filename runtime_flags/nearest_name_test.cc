#include "runtime_flags/nearest_name.h"

#include <gtest/gtest.h>

#include <string>

namespace dbgalloc::runtime_flags {
namespace {

TEST(EditDistanceTest, CountsEachKindOfEditOnce) {
  EXPECT_EQ(EditDistance("", ""), 0u);
  EXPECT_EQ(EditDistance("canary", "canary"), 0u);
  EXPECT_EQ(EditDistance("canry", "canary"), 1u);
  EXPECT_EQ(EditDistance("cannary", "canary"), 1u);
  EXPECT_EQ(EditDistance("cenary", "canary"), 1u);
  EXPECT_EQ(EditDistance("acnary", "canary"), 1u) << "a swap of neighbours";
  EXPECT_EQ(EditDistance("", "canary"), 6u);
  EXPECT_EQ(EditDistance("abc", "xyz"), 3u);
}

TEST(EditDistanceTest, CaseAndDashesAreFree) {
  EXPECT_EQ(EditDistance("Halt-On-Error", "halt_on_error"), 0u);
}

TEST(EditDistanceTest, IsSymmetricAndBearsAnyLength) {
  const std::string huge(1000, 'a');
  EXPECT_EQ(EditDistance(huge, "a"), EditDistance("a", huge));
  EXPECT_GE(EditDistance(huge, "a"), 900u);
  EXPECT_EQ(EditDistance("redzone", "canary"),
            EditDistance("canary", "redzone"));
}

TEST(NearestSearchTest, FindsTypingErrorsButNotAnything) {
  const struct {
    const char* typed;
    const char* nearest;
    bool close;
  } kCases[] = {
      {"halt_on_eror", "halt_on_error", true},
      {"HALT_ON_ERROR", "halt_on_error", true},
      {"redzones", "redzone", true},
      {"quarantine", "quarantine_size", true},
      {"quarantine_size_mb", "quarantine_size", true},
      {"zzzzzzz", "redzone", false},
      {"x", "redzone", false},
  };
  for (const auto& test : kCases) {
    NearestSearch search(test.typed);
    for (const char* name : {"redzone", "halt_on_error", "quarantine_size"}) {
      search.Consider(name);
    }
    EXPECT_EQ(search.nearest(), test.nearest) << test.typed;
    EXPECT_EQ(search.close(), test.close) << test.typed;
  }
}

TEST(NearestSearchTest, NothingConsideredIsNothingNear) {
  NearestSearch search("a");
  EXPECT_EQ(search.nearest(), "");
  EXPECT_FALSE(search.close());
}

}  // namespace
}  // namespace dbgalloc::runtime_flags
