// The process and its files: what raw_io.h, file_view.h, env.h, process_end.h,
// clock.h and random.h promise in words, on the platform that this runs on.
#include <errno.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <cstdio>
#include <string>

#include "alloc/os/platform_services.h"

namespace dbgalloc::os {
namespace {

// A file of this test alone, gone at first.
std::string FreshPath(const char* name) {
  const std::string path = testing::TempDir() + name;
  std::remove(path.c_str());
  return path;
}

std::string Contents(const std::string& path) {
  char text[256];
  const ptrdiff_t size =
      SystemFiles::ReadFile(path.c_str(), text, sizeof(text));
  return size < 0 ? "refused" : std::string(text, static_cast<size_t>(size));
}

TEST(RawFilesConformance, TextIsAppendedByteForByte) {
  const std::string path = FreshPath("appended");
  for (const char* text : {"one\n", "two\r\n", "\x1a", "three"}) {
    const int file = SystemFiles::OpenForAppend(path.c_str());
    ASSERT_GE(file, 0);
    EXPECT_TRUE(SystemFiles::WriteAll(file, text));
    SystemFiles::Close(file);
  }
  EXPECT_EQ(Contents(path), "one\ntwo\r\n\x1athree");
}

TEST(RawFilesConformance, ADocumentGrowsBeforeItsTail) {
  const std::string path = FreshPath("document");
  bool was_cut = true;
  for (const char* item : {"a", ",b", ",c"}) {
    const int file = SystemFiles::OpenToContinue(path.c_str(), "]\n", was_cut);
    ASSERT_GE(file, 0);
    EXPECT_EQ(was_cut, item[0] == ',');
    EXPECT_TRUE(SystemFiles::WriteAll(file, item));
    EXPECT_TRUE(SystemFiles::WriteAll(file, "]\n"));
    SystemFiles::Close(file);
  }
  EXPECT_EQ(Contents(path), "a,b,c]\n");
}

TEST(RawFilesConformance, ReadsGoOnWhereTheyStood) {
  const std::string path = FreshPath("read");
  const int written = SystemFiles::OpenForAppend(path.c_str());
  ASSERT_TRUE(SystemFiles::WriteAll(written, "abcdef"));
  SystemFiles::Close(written);
  const int file = SystemFiles::OpenForReading(path.c_str());
  ASSERT_GE(file, 0);
  char text[4];
  EXPECT_EQ(SystemFiles::ReadSome(file, text, 4), 4);
  EXPECT_EQ(SystemFiles::ReadSome(file, text, 4), 2);
  EXPECT_EQ(std::string(text, 2), "ef");
  EXPECT_EQ(SystemFiles::ReadSome(file, text, 4), 0);
  EXPECT_FALSE(SystemFiles::IsTerminal(file));
  SystemFiles::Close(file);
}

TEST(RawFilesConformance, RefusalsAreNegative) {
  const std::string path = FreshPath("missing");
  char text[4];
  errno = EDOM;
  EXPECT_EQ(SystemFiles::OpenForReading(path.c_str()), -1);
  EXPECT_EQ(SystemFiles::ReadFile(path.c_str(), text, 4), -ENOENT);
  EXPECT_EQ(SystemFiles::OpenForAppend((path + "/below").c_str()), -1);
  EXPECT_FALSE(SystemFiles::WriteAll(-1, "x"));
  EXPECT_EQ(SystemFiles::ReadSome(-1, text, 4), -1);
  EXPECT_EQ(errno, EDOM);
}

TEST(RawFilesConformance, AFileThatIsTooLongIsRefused) {
  const std::string path = FreshPath("long");
  const int file = SystemFiles::OpenForAppend(path.c_str());
  ASSERT_TRUE(SystemFiles::WriteAll(file, "abcd"));
  SystemFiles::Close(file);
  char text[4];
  EXPECT_EQ(SystemFiles::ReadFile(path.c_str(), text, 4), 4);
  EXPECT_EQ(SystemFiles::ReadFile(path.c_str(), text, 3), -EFBIG);
}

TEST(FileViewsConformance, AViewShowsAnyPartOfAFile) {
  const std::string path = FreshPath("viewed");
  std::string text(100'000, 'a');
  text.replace(70'001, 4, "here");
  const int written = SystemFiles::OpenForAppend(path.c_str());
  ASSERT_TRUE(SystemFiles::WriteAll(written, text));
  SystemFiles::Close(written);
  const int file = SystemFiles::OpenForReading(path.c_str());
  FileView view;
  ASSERT_TRUE(SystemFileViews::MapFileView(file, 70'001, 4, &view));
  SystemFiles::Close(file);
  EXPECT_EQ(std::string(static_cast<const char*>(view.data), view.size),
            "here");
  SystemFileViews::UnmapFileView(view);
  EXPECT_FALSE(SystemFileViews::MapFileView(-1, 0, 4, &view));
}

TEST(SurroundingsConformance, VariablesOfTheStartAreFound) {
  ASSERT_TRUE(SystemSurroundings::EnvironmentIsKnown());
  // The target sets it.
  EXPECT_STREQ(SystemSurroundings::GetEnv("DBGALLOC_CONFORMANCE"), "is tested");
  EXPECT_EQ(SystemSurroundings::GetEnv("DBGALLOC_CONFORM"), nullptr);
  EXPECT_EQ(SystemSurroundings::GetEnv("DBGALLOC_NO_SUCH_NAME"), nullptr);
  EXPECT_FALSE(SystemSurroundings::IsSecureExecution());
}

TEST(SurroundingsConformance, TheProgramKnowsItsName) {
  const std::string path(SystemSurroundings::ProgramPath());
  EXPECT_NE(path.find("conformance_test"), std::string::npos) << path;
  EXPECT_GE(SystemFiles::OpenForReading(path.c_str()), 0) << path;
  EXPECT_GE(SystemFiles::OpenForReading(SystemSurroundings::ProgramFile()), 0);
  const std::string_view name = SystemSurroundings::ProgramName();
  EXPECT_EQ(name.rfind("conformance_test", 0), 0u) << name;
  const std::string_view executed = SystemSurroundings::ExecutedName();
  EXPECT_EQ(executed.rfind("conformance_test", 0), 0u) << executed;
  EXPECT_NE(SystemSurroundings::ExecutedPath().find(executed),
            std::string_view::npos);
  EXPECT_GT(SystemSurroundings::ProcessId(), 0);
}

TEST(ProcessEndsConformanceDeathTest, TheHandlerChoosesTheStatus) {
  EXPECT_EXIT(
      {
        SystemProcessEnds::AtProcessEnd([](int status) {
          SystemFiles::WriteAll(kStandardError, "at the end\n");
          return status == 0 ? 5 : status;
        });
        exit(0);
      },
      testing::ExitedWithCode(5), "at the end");
}

TEST(ProcessEndsConformanceDeathTest, ExitNowRunsNoHandler) {
  EXPECT_EXIT(
      {
        SystemProcessEnds::AtProcessEnd([](int) { return 9; });
        SystemProcessEnds::ExitNow(6);
      },
      testing::ExitedWithCode(6), "");
}

TEST(ProcessEndsConformanceDeathTest, AbortEndsTheProcess) {
  EXPECT_DEATH(SystemProcessEnds::AbortNow(), "");
}

TEST(ClockConformance, TimeDoesNotGoBack) {
  const uint64_t ticks = SystemClock::MonotonicTickMilliseconds();
  uint64_t before = SystemClock::MonotonicNanoseconds();
  for (int i = 0; i < 1000; ++i) {
    const uint64_t now = SystemClock::MonotonicNanoseconds();
    EXPECT_GE(now, before);
    before = now;
  }
  EXPECT_GE(SystemClock::MonotonicTickMilliseconds(), ticks);
}

TEST(RandomnessConformance, NumbersDiffer) {
  const uint64_t first = SystemRandomness::RandomNumber();
  EXPECT_NE(first, 0u);
  EXPECT_NE(SystemRandomness::RandomNumber(), first);
}

}  // namespace
}  // namespace dbgalloc::os
