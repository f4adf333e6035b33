// The file is well-formed whatever is in a report, and is nobody else's.
#include "alloc/report/test_xml.h"

#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include "gtest/gtest.h"

namespace dbgalloc::report {
namespace {

class TestXmlTest : public testing::Test {
 protected:
  TestXmlTest() : path_(testing::TempDir() + "/written.xml") {
    unlink(path_.c_str());
    Set("XML_OUTPUT_FILE", path_);
    Set("TEST_BINARY", "alloc/report/test_xml_test");
    ClaimTestXml();
  }

  static void Set(const char* name, const std::string& value) {
    setenv(name, value.c_str(), 1);
  }
  std::string Written() const {
    std::ostringstream text;
    text << std::ifstream(path_).rdbuf();
    return text.str();
  }

  std::string path_;
};

constexpr char kHead[] =
    R"(<?xml version="1.0" encoding="UTF-8"?>
<testsuites tests="1" failures="1" errors="0">
<testsuite name="test_xml_test" tests="1" failures="1" errors="0">
<testcase name="test_xml_test" classname="dbgalloc" status="run">
)";
constexpr char kEnd[] =
    "</testcase><!--dbgalloc-->\n</testsuite>\n</testsuites>\n";

TEST_F(TestXmlTest, HoldsOneFailure) {
  ASSERT_TRUE(WantsTestXml());
  AddToTestXml("1 byte lost", "line 1\nline 2\n");
  EXPECT_EQ(Written(), std::string(kHead) +
                           "<failure message=\"1 byte lost\" type=\"leak\">"
                           "line 1\nline 2\n</failure>\n" +
                           kEnd);
}

TEST_F(TestXmlTest, HoldsSeveralFailures) {
  AddToTestXml("one", "first");
  AddToTestXml("two", "second");
  EXPECT_EQ(Written(),
            std::string(kHead) +
                "<failure message=\"one\" type=\"leak\">first</failure>\n"
                "<failure message=\"two\" type=\"leak\">second</failure>\n" +
                kEnd);
}

TEST_F(TestXmlTest, EscapesWhateverFunctionsAndFilesAreCalled) {
  AddToTestXml("a<b> & \"c\"", "]]>\x1b[1m \r\xff \xc3\xa9 \xef\xbf\xbf\t.");
  EXPECT_NE(Written().find("message=\"a&lt;b&gt; &amp; &quot;c&quot;\""),
            std::string::npos);
  EXPECT_NE(Written().find(">]]&gt;?[1m ?? \xc3\xa9 ?\t.</failure>"),
            std::string::npos)
      << Written();
}

TEST_F(TestXmlTest, LeavesOtherPeoplesFilesAlone) {
  std::ofstream(path_) << "<testsuites>theirs</testsuites>\n";
  AddToTestXml("one", "first");
  EXPECT_EQ(Written(), "<testsuites>theirs</testsuites>\n");
}

TEST_F(TestXmlTest, IsNotWantedOfForkedProcesses) {
  const pid_t child = fork();
  if (child == 0) _exit(WantsTestXml() ? 1 : 0);
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
}

[[noreturn]] void ClaimAs(const char* program) {
  setenv("TEST_BINARY", program, 1);
  ClaimTestXml();
  _exit(WantsTestXml() ? 1 : 0);
}

TEST_F(TestXmlTest, IsNotWantedOfProgramsThatATestStarts) {
  EXPECT_EXIT(ClaimAs("alloc/report/script_test"), testing::ExitedWithCode(0),
              "");
  EXPECT_EXIT(ClaimAs("other/test_xml_test"), testing::ExitedWithCode(1), "");
}

TEST_F(TestXmlTest, SaysNothingWhereTheFileCannotBeWritten) {
  Set("XML_OUTPUT_FILE", "/nowhere/at/all.xml");
  AddToTestXml("one", "first");
  Set("XML_OUTPUT_FILE", "");
  EXPECT_FALSE(WantsTestXml());
}

}  // namespace
}  // namespace dbgalloc::report
