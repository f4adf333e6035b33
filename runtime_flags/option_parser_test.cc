#include "runtime_flags/option_parser.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "alloc/base/text_writer.h"

namespace dbgalloc::runtime_flags {
namespace {

constexpr OptionPlace kVariable = {OptionSource::kEnvironment, {}, 0};

std::string Message(const OptionMistake& mistake) {
  char buffer[2048];
  base::TextWriter out(buffer, sizeof(buffer));
  WriteMistake(mistake, out);
  EXPECT_FALSE(out.truncated());
  return std::string(out.view());
}

// Collects the sentence about each mistake.
struct Messages {
  static void Add(void* context, const OptionMistake& mistake) {
    static_cast<Messages*>(context)->all.push_back(Message(mistake));
  }
  OptionListener Listener() {
    OptionListener listener;
    listener.context = this;
    listener.on_mistake = &Add;
    return listener;
  }
  std::vector<std::string> all;
};

// Every value as text: two Options with equal texts are equal.
std::string Dump(const Options& options) {
  static char buffer[64 * 1024];
  base::TextWriter out(buffer, sizeof(buffer));
  for (const FlagInfo& flag : Flags()) {
    out.Text(flag.name).Char('=');
    flag.write(flag, options, out);
    out.Char('\n');
  }
  EXPECT_FALSE(out.truncated());
  return std::string(out.view());
}

Options Parsed(std::string_view text) {
  Options options;
  Messages messages;
  EXPECT_TRUE(ParseOptions(text, kVariable, messages.Listener(), &options))
      << text << ": " << testing::PrintToString(messages.all);
  return options;
}

TEST(ParseOptionsTest, SetsValuesOfEveryType) {
  const Options options = Parsed(
      "safety=off:stack_trace_frames=0x20,redzone=1k canary=0xFF\n"
      "fail_index=-1:log_path='/tmp/a b:c':unwind=dwarf:allocator=system");
  EXPECT_FALSE(options.safety);
  EXPECT_EQ(options.stack_trace_frames, 32);
  EXPECT_EQ(options.redzone, 1024u);
  EXPECT_EQ(options.canary, 255u);
  EXPECT_EQ(options.fail_index, -1);
  EXPECT_EQ(options.log_path.value(), "/tmp/a b:c");
  EXPECT_EQ(options.unwind, UnwindMethod::kDwarf);
  EXPECT_EQ(options.allocator, AllocatorChoice::kSystem);
}

TEST(ParseOptionsTest, EveryWordMeansItsEnumerator) {
  EXPECT_EQ(Parsed("allocator=debug").allocator, AllocatorChoice::kDebug);
  EXPECT_EQ(Parsed("unwind=auto").unwind, UnwindMethod::kAuto);
  EXPECT_EQ(Parsed("unwind=fp").unwind, UnwindMethod::kFramePointers);
  EXPECT_EQ(Parsed("log_sink=auto").log_sink, LogSinkChoice::kAuto);
  EXPECT_EQ(Parsed("log_sink=stderr").log_sink, LogSinkChoice::kStderr);
  EXPECT_EQ(Parsed("log_sink=glog").log_sink, LogSinkChoice::kGlog);
  EXPECT_EQ(Parsed("log_sink=file").log_sink, LogSinkChoice::kFile);
  EXPECT_EQ(Parsed("color=auto").color, ColorChoice::kAuto);
  EXPECT_EQ(Parsed("color=always").color, ColorChoice::kAlways);
  EXPECT_EQ(Parsed("color=never").color, ColorChoice::kNever);
}

TEST(ParseOptionsTest, LaterWinsAndRemembersItsSource) {
  const Options options = Parsed("redzone=8:redzone=24");
  EXPECT_EQ(options.redzone, 24u);
  EXPECT_EQ(options.redzone.source(), OptionSource::kEnvironment);
  EXPECT_EQ(options.canary.source(), OptionSource::kDefault);
}

struct Refusal {
  const char* text;
  std::vector<std::string> said;  // all of these, in the message
};

const std::vector<Refusal>& Refusals() {
  static const auto& refusals = *new std::vector<Refusal>{
      {"nope=1", {"unknown option \"nope\"", "help=1", "the nearest is"}},
      {"halt_on_eror=1", {"did you mean \"halt_on_error\"?"}},
      {"quarantine_size_mb=1", {"did you mean \"quarantine_size\"?"}},
      {"halt_on_error", {"no '='", "expected name=value"}},
      {"halt_on_erro", {"did you mean \"halt_on_error=...\"?"}},
      {"=1", {"no name before '='"}},
      {"halt_on_error=yess",
       {"\"yess\"", "\"halt_on_error\"", "expected 0, 1, true", "\"yes\"?"}},
      {"halt_on_error=", {"bad value \"\""}},
      {"stack_trace_frames=257", {"a whole number from 0 to 256"}},
      {"stack_trace_frames=-1", {"a whole number from 0 to 256"}},
      {"alloc_fill_byte=-2", {"a byte, 0 to 255"}},
      {"free_fill_byte=256", {"a byte, 0 to 255"}},
      {"check_heap_every=-1", {"from 0 up"}},
      {"exitcode=256", {"from 0 to 255"}},
      {"fail_index=9223372036854775808", {"from -1 up"}},
      {"redzone=16q", {"a number of bytes from 0 to 8k", "k m g t"}},
      {"redzone=2m", {"from 0 to 8k"}},
      {"page_size=1k", {"from 4k to 4m"}},
      {"quarantine_size=8MB", {"a number of bytes, such as"}},
      {"quarantine_size=-1", {"\"-1\""}},
      {"quarantine_size=99999999999999999999", {"quarantine_size"}},
      {"canary=0x1ffffffffffffffff", {"64 bits"}},
      {"unwind=dwraf", {"auto, fp or dwarf", "did you mean \"dwarf\"?"}},
      {"log_path='half", {"never closed"}},
      {"log_path='a'b", {"text follows the closing quote"}},
      {"log_path=a\x02"
       "b",
       {"not text", "a\\x02b"}},
  };
  return refusals;
}

TEST(ParseOptionsTest, NamesTheMistakeAndChangesNothing) {
  for (const Refusal& refusal : Refusals()) {
    const std::string text = std::string("redzone=32:") + refusal.text;
    Options options;
    Messages messages;
    EXPECT_FALSE(ParseOptions(text, kVariable, messages.Listener(), &options))
        << text;
    EXPECT_EQ(Dump(options), Dump(Options())) << text;
    ASSERT_EQ(messages.all.size(), 1u) << text;
    for (const std::string& part : refusal.said) {
      EXPECT_NE(messages.all[0].find(part), std::string::npos)
          << text << " said: " << messages.all[0] << "\nmissing: " << part;
    }
    EXPECT_NE(messages.all[0].find("DBGALLOC_OPTIONS"), std::string::npos);
  }
}

TEST(ParseOptionsTest, ATextThatIsTooLongIsRefusedWhole) {
  const std::string text = "log_path=" + std::string(512, 'x');
  Options options;
  Messages messages;
  EXPECT_FALSE(ParseOptions(text, kVariable, messages.Listener(), &options));
  EXPECT_NE(messages.all[0].find("at most 511 bytes"), std::string::npos);
  EXPECT_TRUE(options.log_path.empty());
}

TEST(ApplyOptionsTest, LeavesOutOnlyWhatIsWrong) {
  Options options;
  Messages messages;
  EXPECT_EQ(ApplyOptions("redzone=8:nope=1:safety:exitcode=3", kVariable,
                         messages.Listener(), &options),
            2u);
  EXPECT_EQ(messages.all.size(), 2u);
  EXPECT_EQ(options.redzone, 8u);
  EXPECT_EQ(options.exitcode, 3);
}

TEST(ApplyOptionsTest, InAFileTheMessageNamesFileAndLine) {
  Options options;
  Messages messages;
  const OptionPlace file = {OptionSource::kFile, "/etc/options", 1};
  ApplyOptions("# ours\nredzone=8\n\nredzon=9\n", file, messages.Listener(),
               &options);
  ASSERT_EQ(messages.all.size(), 1u);
  EXPECT_NE(messages.all[0].find("in /etc/options:4;"), std::string::npos)
      << messages.all[0];
  EXPECT_EQ(options.redzone.source(), OptionSource::kFile);
}

TEST(ApplyOptionsTest, TellsOfEachFlagSetAndEachFileIncluded) {
  static int set;
  static std::vector<std::string> included;
  OptionListener listener;
  listener.on_set = [](void*, const FlagInfo&, const OptionPlace&) { ++set; };
  listener.on_include = [](void*, const OptionSetting& setting,
                           Options* options) -> size_t {
    included.push_back(std::string(setting.value));
    options->redzone.Set(8, OptionSource::kFile);
    return 5;
  };
  Options options;
  EXPECT_EQ(ApplyOptions("redzone=1:include=a:include_if_exists=b:exitcode=2",
                         kVariable, listener, &options),
            10u);
  EXPECT_EQ(set, 4);
  EXPECT_EQ(included, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(options.redzone, 8u) << "the file stands behind redzone=1";
}

// A string in which pairs, pieces of pairs and plain noise are mixed.
std::string RandomText(std::mt19937& random) {
  const auto pick = [&random](size_t count) { return random() % count; };
  std::string text;
  for (size_t i = pick(12); i > 0; --i) {
    switch (pick(4)) {
      case 0:
        text += Flags()[pick(kFlagCount)].name;
        break;
      case 1:
        text += std::string_view("=:, \n'\"#|-")[pick(10)];
        break;
      case 2:
        text += std::to_string(random() >> pick(32)) + "kmgtKx"[pick(6)];
        break;
      default:
        text += static_cast<char>(random());
    }
    if (pick(2) == 0) text += '=';
    if (pick(4) == 0) text += "yes:";
  }
  return text;
}

TEST(ParserFuzzTest, AnyTextEitherAppliesWholeOrChangesNothing) {
  std::mt19937 random(20260101);
  int applied = 0;
  for (int round = 0; round < 50000; ++round) {
    const std::string text = RandomText(random);
    Options options;
    Messages messages;
    Options lenient;
    const size_t mistakes =
        ApplyOptions(text, kVariable, messages.Listener(), &lenient);
    ASSERT_EQ(mistakes, messages.all.size()) << text;
    if (ParseOptions(text, kVariable, {}, &options)) {
      ++applied;
      ASSERT_EQ(mistakes, 0u) << text;
      ASSERT_EQ(Dump(options), Dump(lenient)) << text;
    } else {
      ASSERT_NE(mistakes, 0u) << text;
      ASSERT_EQ(Dump(options), Dump(Options())) << text;
    }
    for (const std::string& message : messages.all) {
      for (char c : message) ASSERT_TRUE(c >= ' ' && c <= '~') << text;
    }
  }
  EXPECT_GT(applied, 1000) << "the texts are too wild to prove anything";
}

// A value that the flag takes, at random.
std::string RandomValue(const FlagInfo& flag, std::mt19937& random) {
  const auto number = [&random] {
    return (uint64_t{random()} << 32 | random()) >> random() % 64;
  };
  const auto limits = flag.limits;
  switch (flag.type) {
    case FlagType::kBool:
      return random() % 2 == 0 ? "on" : "off";
    case FlagType::kHex:
      return std::to_string(number());
    case FlagType::kFraction:
      return "0." + std::to_string(random() % 1'000'000'000);
    case FlagType::kText: {
      std::string text = "'";
      for (size_t i = random() % 64; i > 0; --i) {
        text += "ab:, \n\"=#%\xc3"[random() % 11];
      }
      return text + "'";
    }
    case FlagType::kWord: {
      const std::string words(limits.words);
      return words.substr(0, words.find('|'));
    }
    case FlagType::kSelection:
      return std::to_string(random()) + ",0x" + std::to_string(random() % 1000);
    case FlagType::kWindow:
      return std::to_string(random() % 1000) + "-0xffff";
    case FlagType::kSigned:
    case FlagType::kByte:
    case FlagType::kSize:
      break;
  }
  const uint64_t span = limits.maximum - static_cast<uint64_t>(limits.minimum);
  const uint64_t above = span == UINT64_MAX ? number() : number() % (span + 1);
  const uint64_t value = static_cast<uint64_t>(limits.minimum) + above;
  return flag.type == FlagType::kSize
             ? std::to_string(value)
             : std::to_string(static_cast<int64_t>(value));
}

TEST(ParserFuzzTest, WhatIsWrittenReadsBackTheSame) {
  std::mt19937 random(7);
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    for (const FlagInfo& flag : Flags()) {
      text += std::string(flag.name) + "=" + RandomValue(flag, random) + ":";
    }
    const std::string dump = Dump(Parsed(text));
    ASSERT_EQ(Dump(Parsed(dump)), dump) << text;
  }
}

}  // namespace
}  // namespace dbgalloc::runtime_flags
