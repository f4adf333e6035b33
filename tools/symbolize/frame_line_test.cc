#include "tools/symbolize/frame_line.h"

#include <gtest/gtest.h>

namespace dbgalloc::symbolize {
namespace {

TEST(ParseFrameLine, TakesModuleOffsetAndBuildId) {
  const auto frame = ParseFrameLine(
      "    #2 0x7f3a in Name(int (*)(int)) (/lib/libx.so+0x2724a) "
      "(BuildId: 0f1e2d3c)");
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->number, 2u);
  EXPECT_EQ(frame->program_counter, "0x7f3a");
  EXPECT_EQ(frame->module, "/lib/libx.so");
  EXPECT_EQ(frame->offset, 0x2724au);
  EXPECT_EQ(frame->build_id, "0f1e2d3c");
}

TEST(ParseFrameLine, ABuildIdMayBeMissing) {
  const auto frame = ParseFrameLine("    #0 0x10 (/opt/a+b+0x20)");
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->module, "/opt/a+b");
  EXPECT_EQ(frame->offset, 0x20u);
  EXPECT_EQ(frame->build_id, "");
}

TEST(ParseFrameLine, AFrameWithItsFileHasNoModule) {
  const auto frame = ParseFrameLine("    #0 0x10 in main src/main.cc:3:4");
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->module, "");
  EXPECT_EQ(WriteFrameLine(*frame, 7, {}),
            "    #7 0x10 in main src/main.cc:3:4");
}

TEST(ParseFrameLine, OtherLinesAreNone) {
  for (const char* line :
       {"", "    (operation 60, stack 0x5eed0001)", "#0 0x10 in main",
        "allocated, by thread T0 \"main\"", "    # 0x10", "    #x 0x10",
        "         3 | free(p);"}) {
    EXPECT_FALSE(ParseFrameLine(line)) << line;
  }
}

TEST(WriteFrameLine, WritesWhatIsKnown) {
  const auto frame = ParseFrameLine("    #1 0x10 (/a.so+0x20) (BuildId: 0f)");
  ASSERT_TRUE(frame);
  EXPECT_EQ(WriteFrameLine(*frame, 3, {"F(int)", "f.cc", 5, 6}),
            "    #3 0x10 in F(int) f.cc:5:6");
  EXPECT_EQ(WriteFrameLine(*frame, 3, {"F(int)", "f.cc", 5, 0}),
            "    #3 0x10 in F(int) f.cc:5");
  EXPECT_EQ(WriteFrameLine(*frame, 3, {"F(int)", "", 0, 0}),
            "    #3 0x10 in F(int) (/a.so+0x20) (BuildId: 0f)");
  EXPECT_EQ(WriteFrameLine(*frame, 3, {}),
            "    #3 0x10 (/a.so+0x20) (BuildId: 0f)");
}

}  // namespace
}  // namespace dbgalloc::symbolize
