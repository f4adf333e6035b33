#include "alloc/report/report_text.h"

#include <cstdlib>
#include <string>

#include "alloc/report/color_choice.h"
#include "gtest/gtest.h"

namespace dbgalloc::report {
namespace {

TEST(ReportCopy, LeavesColorsOut) {
  ReportCopy copy;
  copy.Start();
  copy.Append("\033[1;31mred\033[0m and ");
  copy.Append("\033[1");
  copy.Append("mplain\n");
  EXPECT_EQ(copy.view(), "red and plain\n");
  copy.Release();
  EXPECT_EQ(copy.view(), "");
}

TEST(ReportCopy, IsCutWithANoteWhenItIsTooLong) {
  ReportCopy copy;
  copy.Start();
  for (int i = 0; i < 100; ++i) copy.Append(std::string(1000, 'x'));
  EXPECT_LE(copy.view().size(), ReportCopy::kCapacity);
  EXPECT_GT(copy.view().size(), ReportCopy::kCapacity - 100);
  EXPECT_EQ(copy.view().substr(copy.view().size() - 5), "port)");
  copy.Release();
}

TEST(ReportCopy, StaysEmptyUntilItIsStarted) {
  ReportCopy copy;
  copy.Append("text");
  EXPECT_EQ(copy.view(), "");
  copy.Release();
}

TEST(WantsColor, OnTerminalsUnlessToldOtherwise) {
  unsetenv("NO_COLOR");
  setenv("TERM", "xterm", 1);
  EXPECT_TRUE(WantsColor(ColorChoice::kAuto, true));
  EXPECT_FALSE(WantsColor(ColorChoice::kAuto, false));
  EXPECT_TRUE(WantsColor(ColorChoice::kAlways, false));
  EXPECT_FALSE(WantsColor(ColorChoice::kNever, true));
  setenv("TERM", "dumb", 1);
  EXPECT_FALSE(WantsColor(ColorChoice::kAuto, true));
  setenv("TERM", "xterm", 1);
  setenv("NO_COLOR", "", 1);
  EXPECT_TRUE(WantsColor(ColorChoice::kAuto, true)) << "empty means unset";
  setenv("NO_COLOR", "1", 1);
  EXPECT_FALSE(WantsColor(ColorChoice::kAuto, true));
  EXPECT_TRUE(WantsColor(ColorChoice::kAlways, true));
}

}  // namespace
}  // namespace dbgalloc::report
