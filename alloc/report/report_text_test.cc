#include "alloc/report/report_text.h"

#include <cstdlib>
#include <string>

#include "alloc/report/color_choice.h"
#include "gtest/gtest.h"

namespace dbgalloc::report {
namespace {

TEST(ReportCopy, LeavesColorsOut) {
  ReportCopy copy;
  copy.Start(ReportCopy::kGlogCapacity);
  copy.Append("\033[1;31mred\033[0m and ");
  copy.Append("\033[1");
  copy.Append("mplain\n");
  EXPECT_EQ(copy.view(), "red and plain\n");
  copy.Release();
  EXPECT_EQ(copy.view(), "");
}

TEST(ReportCopy, IsCutWithANoteWhenItIsTooLong) {
  ReportCopy copy;
  copy.Start(ReportCopy::kGlogCapacity);
  for (int i = 0; i < 100; ++i) copy.Append(std::string(1000, 'x'));
  EXPECT_LE(copy.view().size(), ReportCopy::kGlogCapacity);
  EXPECT_GT(copy.view().size(), ReportCopy::kGlogCapacity - 100);
  EXPECT_EQ(copy.view().substr(copy.view().size() - 5), "port)");
  copy.Release();
}

TEST(ReportCopy, IsCutLaterForAReaderThatTakesLess) {
  ReportCopy copy;
  copy.Start(ReportCopy::kCallbackCapacity);
  copy.Append(std::string(100'000, 'x'));
  ASSERT_EQ(copy.view().size(), 100'000u);
  EXPECT_EQ(copy.view().data()[copy.view().size()], '\0');
  copy.CutTo(100'000);
  EXPECT_EQ(copy.view().size(), 100'000u) << "it was no longer than that";
  copy.CutTo(500);
  EXPECT_EQ(copy.view().size(), 500u);
  EXPECT_EQ(copy.view().substr(495), "port)");
  EXPECT_EQ(copy.view().data()[copy.view().size()], '\0');
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
