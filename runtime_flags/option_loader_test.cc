#include "runtime_flags/option_loader.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "alloc/base/text_writer.h"

namespace dbgalloc::runtime_flags {
namespace {

// Writes files into a folder of its own, loads strings, collects messages.
class OptionLoaderTest : public testing::Test {
 protected:
  OptionLoaderTest() {
    folder_ = testing::TempDir() + "/loader." + std::to_string(getpid()) + "." +
              testing::UnitTest::GetInstance()->current_test_info()->name();
    mkdir(folder_.c_str(), 0755);
  }

  std::string Path(const std::string& name) { return folder_ + "/" + name; }

  // Returns the path.
  std::string Write(const std::string& name, std::string_view text) {
    std::ofstream(Path(name), std::ios::binary) << text;
    return Path(name);
  }

  const Options& Load(const std::string& text) {
    messages_.clear();
    loader_ = std::make_unique<OptionLoader>(
        workspace_.get(), MistakeListener{this, &AddMessage});
    loader_->Load(OptionSource::kEnvironment, text);
    EXPECT_EQ(loader_->mistakes(), messages_.size());
    return loader_->options();
  }

  static void AddMessage(void* context, const OptionMistake& mistake) {
    char buffer[2048];
    base::TextWriter out(buffer, sizeof(buffer));
    WriteMistake(mistake, out);
    static_cast<OptionLoaderTest*>(context)->messages_.emplace_back(out.view());
  }

  // The one message, which says `part`.
  void ExpectMessage(const std::string& part) {
    ASSERT_EQ(messages_.size(), 1u) << testing::PrintToString(messages_);
    EXPECT_NE(messages_[0].find(part), std::string::npos) << messages_[0];
  }

  std::string Origin(std::string_view name) {
    char buffer[1024];
    base::TextWriter out(buffer, sizeof(buffer));
    WritePlace(loader_->origins().Of(*FindFlag(name)), out);
    return std::string(out.view());
  }

  std::string folder_;
  std::unique_ptr<LoadWorkspace> workspace_ = std::make_unique<LoadWorkspace>();
  std::unique_ptr<OptionLoader> loader_;
  std::vector<std::string> messages_;
};

TEST_F(OptionLoaderTest, SettingsOfAFileStandWhereItIsIncluded) {
  const std::string file =
      Write("a", "# redzones\nredzone=8\nexitcode=3  # both\n");
  const Options& options = Load("redzone=1:include=" + file + ":exitcode=5");
  EXPECT_EQ(options.redzone, 8u);
  EXPECT_EQ(options.exitcode, 5);
  EXPECT_EQ(options.include.value(), file);
  EXPECT_EQ(Origin("redzone"), file + ":2");
  EXPECT_EQ(Origin("exitcode"), "DBGALLOC_OPTIONS");
  EXPECT_EQ(Origin("canary"), "the built-in defaults");
  EXPECT_TRUE(messages_.empty());
}

TEST_F(OptionLoaderTest, FilesIncludeFilesAndComeBack) {
  Write("inner", "redzone=24");
  Write("outer",
        "redzone=8\ninclude=" + Path("inner") + "\nexitcode=7 verbosity=2");
  const Options& options = Load("include=" + Path("outer"));
  EXPECT_EQ(options.redzone, 24u);
  EXPECT_EQ(options.exitcode, 7);
  EXPECT_EQ(Origin("redzone"), Path("inner") + ":1");
  EXPECT_EQ(Origin("verbosity"), Path("outer") + ":3");
}

TEST_F(OptionLoaderTest, TheSameFileMayBeIncludedTwiceInARow) {
  const std::string file = Write("a", "redzone=8");
  Load("include=" + file + ":redzone=16:include=" + file);
  EXPECT_EQ(loader_->options().redzone, 8u);
  EXPECT_TRUE(messages_.empty());
}

TEST_F(OptionLoaderTest, PathsNameTheProcess) {
  Write("options." + std::to_string(getpid()), "redzone=8");
  EXPECT_EQ(Load("include=" + Path("options.%p")).redzone, 8u);
  Write("option_loader_test.txt", "redzone=24");
  EXPECT_EQ(Load("include=" + Path("%b.txt")).redzone, 24u);
}

TEST_F(OptionLoaderTest, AMissingFileIsAMistakeUnlessItMayBeMissing) {
  Load("include=" + Path("absent"));
  ExpectMessage(
      "/absent\" for option \"include\" in DBGALLOC_OPTIONS: no such");
  Load("include_if_exists=" + Path("absent") + ":redzone=8");
  EXPECT_TRUE(messages_.empty());
  EXPECT_EQ(loader_->options().redzone, 8u);
  Write("present", "redzone=24");
  EXPECT_EQ(Load("include_if_exists=" + Path("present")).redzone, 24u);
}

TEST_F(OptionLoaderTest, WhatIsNoReadableFileSaysSo) {
  Load("include=" + folder_);
  ExpectMessage("it is a directory");
  Load("include_if_exists=" + folder_);
  ExpectMessage("it is a directory");
  Load("include=" + Write("plain", "redzone=8") + "/below");
  ExpectMessage("not a directory");
  Load("include=/dev/zero");
  ExpectMessage("too large; expected at most 65536 bytes");
  Load("include=");
  ExpectMessage("no such file");
}

TEST_F(OptionLoaderTest, APipeWithoutAWriterDoesNotHoldTheProgramUp) {
  ASSERT_EQ(mkfifo(Path("pipe").c_str(), 0600), 0);
  alarm(20);
  EXPECT_EQ(Load("include=" + Path("pipe") + ":redzone=8").redzone, 8u);
  alarm(0);
}

TEST_F(OptionLoaderTest, SelfAndMutualInclusionEnd) {
  Write("self", "redzone=8\ninclude=" + Path("self") + "\nexitcode=9");
  Load("include=" + Path("self"));
  ExpectMessage("/self:2: the file includes itself");
  EXPECT_EQ(loader_->options().exitcode, 9);
  Write("a", "include=" + Path("b"));
  Write("b", "\n\ninclude=" + Path("a"));
  Load("include=" + Path("a"));
  ExpectMessage("/b:3: the file includes itself");
}

TEST_F(OptionLoaderTest, NestingIsBounded) {
  for (int i = 1; i < 9; ++i) {
    Write(std::to_string(i), "include=" + Path(std::to_string(i + 1)));
  }
  Write("9", "redzone=8");
  EXPECT_EQ(Load("include=" + Path("2")).redzone, 8u) << "eight deep";
  EXPECT_TRUE(messages_.empty());
  Load("include=" + Path("1"));
  ExpectMessage("expected at most 8 inside one another");
}

TEST_F(OptionLoaderTest, AFanOfIncludesIsBounded) {
  std::string below = Write("0", "redzone=8");
  for (int level = 1; level < 7; ++level) {
    std::string text;
    for (int i = 0; i < 50; ++i) text += "include=" + below + "\n";
    below = Write(std::to_string(level), text);
  }
  Load("include=" + below);
  ASSERT_FALSE(messages_.empty());
  EXPECT_NE(messages_[0].find("at most 32 in all"), std::string::npos);
  EXPECT_LT(messages_.size(), 1000u);
}

TEST_F(OptionLoaderTest, TextIsBoundedAcrossNestedFilesAndGivenBack) {
  const std::string half(kMaxIncludedBytes / 2 + 100, ' ');
  Write("inner", half + "redzone=8");
  Write("outer", half + "include=" + Path("inner"));
  Load("include=" + Path("outer"));
  ExpectMessage("too large");
  Load("include=" + Path("inner") + ":include=" + Path("inner"));
  EXPECT_TRUE(messages_.empty()) << "one after the other";
  Write("full", std::string(kMaxIncludedBytes - 9, ' ') + "redzone=8");
  EXPECT_EQ(Load("include=" + Path("full")).redzone, 8u) << "exactly full";
}

TEST_F(OptionLoaderTest, CorruptFilesNameLineAndOffset) {
  using std::string_view_literals::operator""sv;
  const struct {
    std::string_view text;
    const char* said;
  } kCases[] = {
      {"redzone=8\nredzone=\n", "bad.txt:2"},
      {"redzone=8\nredz", "no '=' in \"redz\", at byte 10 of "},
      {"log_path='/tmp/half\n", "opened and never closed"},
      {"redzone=8\n\0\0\0\0"sv, "not text in \"\\x00\\x00\\x00\\x00\""},
      {"\x7f"
       "ELF\x02\x01\x01"sv,
       "not text in \"\\x7fELF"},
      {"{redzone=8}", "unknown option \"{redzone\""},
  };
  for (const auto& test : kCases) {
    const std::string file = Write("bad.txt", test.text);
    Load("include=" + file);
    ExpectMessage(test.said);
    ExpectMessage("bad.txt:");
  }
}

TEST_F(OptionLoaderTest, APathThatExpandsTooFarIsRefused) {
  std::string path = "/tmp/";
  while (path.size() < 400) path += "%p%p";
  Load("include=" + path + std::string(511 - path.size(), 'x'));
  if (getpid() > 99) {
    ExpectMessage("the path is too long; expected at most 511");
  } else {
    ExpectMessage("cannot read");
  }
}

TEST_F(OptionLoaderTest, SourcesAreLaidOverOneAnother) {
  OptionLoader loader(workspace_.get(), {});
  loader.Load(OptionSource::kProgramDefault,
              "redzone=1:exitcode=1:verbosity=1");
  loader.Load(OptionSource::kTarget, "redzone=2:exitcode=2");
  loader.Load(OptionSource::kEnvironment, "redzone=3");
  EXPECT_EQ(loader.options().redzone, 3u);
  EXPECT_EQ(loader.options().exitcode, 2);
  EXPECT_EQ(loader.options().verbosity, 1);
  EXPECT_EQ(loader.options().exitcode.source(), OptionSource::kTarget);
}

}  // namespace
}  // namespace dbgalloc::runtime_flags
