#include "runtime_flags/flag_table.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <string_view>

#include "runtime_flags/value_text.h"

namespace dbgalloc::runtime_flags {
namespace {

TEST(FlagTableTest, EveryFlagIsFoundUnderItsNameOnly) {
  std::set<std::string_view> names;
  for (const FlagInfo& flag : Flags()) {
    EXPECT_TRUE(names.insert(flag.name).second) << flag.name << " twice";
    EXPECT_EQ(FindFlag(flag.name), &flag);
    EXPECT_EQ(&Flags()[FlagIndex(flag)], &flag);
  }
  for (const char* absent : {"", "redzon", "redzone ", "redzones", "REDZONE"}) {
    EXPECT_EQ(FindFlag(absent), nullptr) << absent;
  }
}

TEST(FlagTableTest, HelpIsASentenceInASection) {
  for (const FlagInfo& flag : Flags()) {
    EXPECT_FALSE(flag.section.empty()) << flag.name;
    EXPECT_GT(flag.help.size(), 20u) << flag.name;
    EXPECT_EQ(flag.help.back(), '.') << flag.name;
    EXPECT_EQ(flag.help.find('\n'), std::string_view::npos) << flag.name;
    EXPECT_EQ(flag.help.find("  "), std::string_view::npos) << flag.name;
  }
}

TEST(FlagTableTest, EveryDefaultIsAValueOfItsFlag) {
  const Options defaults;
  for (const FlagInfo& flag : Flags()) {
    char buffer[1024];
    base::TextWriter out(buffer, sizeof(buffer));
    flag.write(flag, defaults, out);
    Options options;
    EXPECT_TRUE(
        flag.set(flag, out.view(), OptionSource::kEnvironment, &options))
        << flag.name << "=" << out.view();
    EXPECT_EQ(flag.source(options), OptionSource::kEnvironment) << flag.name;
    EXPECT_EQ(flag.source(defaults), OptionSource::kDefault) << flag.name;
  }
}

TEST(FlagTableTest, WordsOfAChoiceAreDistinctAndAllAccepted) {
  for (const FlagInfo& flag : Flags()) {
    if (flag.type != FlagType::kWord) continue;
    std::string_view words = flag.limits.words;
    std::set<std::string_view> seen;
    while (!words.empty()) {
      const std::string_view word = TakeWord(&words);
      EXPECT_TRUE(seen.insert(word).second) << flag.name << ": " << word;
      Options options;
      EXPECT_TRUE(flag.set(flag, word, OptionSource::kFile, &options));
      char buffer[64];
      base::TextWriter out(buffer, sizeof(buffer));
      flag.write(flag, options, out);
      EXPECT_EQ(out.view(), word) << flag.name;
    }
    EXPECT_GE(seen.size(), 2u) << flag.name;
  }
}

TEST(FlagTableTest, ARefusedValueLeavesTheOptionAlone) {
  Options options;
  options.stack_trace_frames = 5;
  const FlagInfo& flag = *FindFlag("stack_trace_frames");
  EXPECT_FALSE(flag.set(flag, "300", OptionSource::kFile, &options));
  EXPECT_EQ(options.stack_trace_frames, 5);
  EXPECT_EQ(options.stack_trace_frames.source(), OptionSource::kCode);
}

}  // namespace
}  // namespace dbgalloc::runtime_flags
