#include "runtime_flags/path_pattern.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace dbgalloc::runtime_flags {
namespace {

std::string Expanded(std::string_view pattern) {
  char buffer[256];
  base::TextWriter out(buffer, sizeof(buffer));
  ExpandPath(pattern, "tool", 42, out);
  return std::string(out.view());
}

TEST(ExpandPathTest, FillsInEachPlace) {
  EXPECT_EQ(Expanded("/tmp/%b.%p.txt"), "/tmp/tool.42.txt");
  EXPECT_EQ(Expanded("%p%p%b"), "4242tool");
  EXPECT_EQ(Expanded(""), "");
}

TEST(ExpandPathTest, LeavesOtherPercentSignsAlone) {
  EXPECT_EQ(Expanded("100%%p"), "100%p");
  EXPECT_EQ(Expanded("%x%"), "%x%");
  EXPECT_EQ(Expanded("%%%b"), "%tool");
}

TEST(NamesProcessTest, SeesThroughEscapes) {
  EXPECT_TRUE(NamesProcess("a.%p"));
  EXPECT_TRUE(NamesProcess("%%%p"));
  EXPECT_FALSE(NamesProcess("a.%%p"));
  EXPECT_FALSE(NamesProcess("a.%b"));
  EXPECT_FALSE(NamesProcess("%"));
}

}  // namespace
}  // namespace dbgalloc::runtime_flags
