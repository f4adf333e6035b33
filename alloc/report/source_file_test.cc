#include "alloc/report/source_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <string>

#include "gtest/gtest.h"

namespace dbgalloc::report {
namespace {

constexpr char kMissing[] = "(not found)";

std::string Line(const std::string& prefixes, const std::string& file, int line,
                 size_t capacity = 100) {
  std::string buffer(capacity, '\0');
  const std::ptrdiff_t size =
      ReadSourceLine(prefixes, file, line, buffer.data(), buffer.size());
  if (size < 0) return kMissing;
  return buffer.substr(0, static_cast<size_t>(size));
}

class SourceFile : public testing::Test {
 protected:
  SourceFile() : root_(testing::TempDir() + "source_file") {
    mkdir(root_.c_str(), 0755);
    mkdir((root_ + "/lib").c_str(), 0755);
    std::ofstream(root_ + "/lib/a.cc") << "one\ntwo\r\n\n  four";
    for (const char* name : {"RUNFILES_DIR", "TEST_SRCDIR",
                             "BUILD_WORKSPACE_DIRECTORY", "TEST_WORKSPACE"}) {
      unsetenv(name);
    }
  }

  std::string root_;
};

TEST_F(SourceFile, GivesTheLineWithoutItsEnd) {
  const std::string path = root_ + "/lib/a.cc";
  EXPECT_EQ(Line("", path, 1), "one");
  EXPECT_EQ(Line("", path, 2), "two");
  EXPECT_EQ(Line("", path, 4), "  four");
  EXPECT_EQ(Line("", path, 4, 3), "  f");
}

TEST_F(SourceFile, HasNoOtherLines) {
  const std::string path = root_ + "/lib/a.cc";
  for (int line : {-1, 0, 3, 5, 1000}) {
    EXPECT_EQ(Line("", path, line), kMissing) << line;
  }
  EXPECT_EQ(Line("", "", 1), kMissing);
  EXPECT_EQ(Line("", root_, 1), kMissing) << "a folder";
  EXPECT_EQ(Line("", std::string(5000, 'x'), 1), kMissing);
}

TEST_F(SourceFile, LooksUnderThePrefixes) {
  EXPECT_EQ(Line("", "lib/a.cc", 1), kMissing);
  EXPECT_EQ(Line(root_, "lib/a.cc", 1), "one");
  EXPECT_EQ(Line("/nowhere::" + root_ + ":", "lib/a.cc", 1), "one");
  EXPECT_EQ(Line(root_, "/build/machine/lib/a.cc", 1), "one");
  EXPECT_EQ(Line(root_, "/proc/self/cwd/lib/a.cc", 1), "one");
  EXPECT_EQ(Line(root_, "lib/b.cc", 1), kMissing);
}

TEST_F(SourceFile, LooksInTheWorkingDirectory) {
  char old_folder[4096];
  ASSERT_NE(getcwd(old_folder, sizeof(old_folder)), nullptr);
  ASSERT_EQ(chdir(root_.c_str()), 0);
  EXPECT_EQ(Line("", "lib/a.cc", 1), "one");
  EXPECT_EQ(Line("", "/proc/self/cwd/lib/a.cc", 2), "two");
  EXPECT_EQ(Line("", "a.cc", 1), kMissing);
  ASSERT_EQ(chdir(old_folder), 0);
}

TEST_F(SourceFile, LooksWhereBazelSays) {
  setenv("BUILD_WORKSPACE_DIRECTORY", root_.c_str(), 1);
  EXPECT_EQ(Line("", "lib/a.cc", 2), "two");
  unsetenv("BUILD_WORKSPACE_DIRECTORY");
  setenv("RUNFILES_DIR", root_.c_str(), 1);
  EXPECT_EQ(Line("", "lib/a.cc", 2), "two");
  EXPECT_EQ(Line("", "/lib/a.cc", 2), kMissing) << "no path of the machine's";
  setenv("RUNFILES_DIR", (root_ + "/..").c_str(), 1);
  setenv("TEST_WORKSPACE", "source_file", 1);
  EXPECT_EQ(Line("", "lib/a.cc", 2), "two");
}

}  // namespace
}  // namespace dbgalloc::report
