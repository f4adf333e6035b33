#include "runtime_flags/value_text.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "alloc/base/text_writer.h"
#include "runtime_flags/number_text.h"

namespace dbgalloc::runtime_flags {
namespace {

template <typename Write>
std::string Written(Write write) {
  char buffer[512];
  base::TextWriter out(buffer, sizeof(buffer));
  write(out);
  EXPECT_FALSE(out.truncated());
  return std::string(out.view());
}

std::string Size(uint64_t bytes) {
  return Written([bytes](base::TextWriter& out) { WriteSize(bytes, out); });
}

std::string Quoted(std::string_view text) {
  return Written(
      [text](base::TextWriter& out) { WriteQuotedForMessage(text, out); });
}

TEST(ParseBoolTest, KnowsTheEightWordsAndNoOthers) {
  for (const char* yes : {"1", "true", "yes", "on"}) {
    EXPECT_EQ(ParseBool(yes), true) << yes;
  }
  for (const char* no : {"0", "false", "no", "off"}) {
    EXPECT_EQ(ParseBool(no), false) << no;
  }
  for (const char* bad : {"", "2", "True", "y", "yess", " 1", "01"}) {
    EXPECT_EQ(ParseBool(bad), std::nullopt) << bad;
  }
}

TEST(ParseUnsignedTest, DecimalAndHexadecimalUpToTheLastValue) {
  EXPECT_EQ(ParseUnsigned("0"), 0u);
  EXPECT_EQ(ParseUnsigned("007"), 7u);
  EXPECT_EQ(ParseUnsigned("0xFf"), 255u);
  EXPECT_EQ(ParseUnsigned("18446744073709551615"), UINT64_MAX);
  EXPECT_EQ(ParseUnsigned("0xffffffffffffffff"), UINT64_MAX);
  for (const char* bad : {"", "0x", "-1", "+1", "1.5", "1e3", "ff", "0xg", " 1",
                          "1 ", "18446744073709551616", "0x10000000000000000",
                          "99999999999999999999999999"}) {
    EXPECT_EQ(ParseUnsigned(bad), std::nullopt) << bad;
  }
}

TEST(ParseSignedTest, BothEndsOfTheRange) {
  EXPECT_EQ(ParseSigned("-1"), -1);
  EXPECT_EQ(ParseSigned("-0x10"), -16);
  EXPECT_EQ(ParseSigned("9223372036854775807"), INT64_MAX);
  EXPECT_EQ(ParseSigned("-9223372036854775808"), INT64_MIN);
  for (const char* bad :
       {"", "-", "--1", "9223372036854775808", "-9223372036854775809", "1k"}) {
    EXPECT_EQ(ParseSigned(bad), std::nullopt) << bad;
  }
}

TEST(ParseSizeTest, SuffixesOfEitherCase) {
  EXPECT_EQ(ParseSize("4096"), 4096u);
  EXPECT_EQ(ParseSize("4k"), 4096u);
  EXPECT_EQ(ParseSize("4K"), 4096u);
  EXPECT_EQ(ParseSize("0x10k"), 16384u);
  EXPECT_EQ(ParseSize("2m"), size_t{2} << 20);
  EXPECT_EQ(ParseSize("3G"), size_t{3} << 30);
  if (sizeof(size_t) == 8) {
    EXPECT_EQ(ParseSize("1t"), uint64_t{1} << 40);
  } else {
    EXPECT_EQ(ParseSize("1t"), std::nullopt);
  }
  for (const char* bad : {"", "k", "1.5k", "-1k", "1kb", "1KiB", "1 k", "1p",
                          "16777216t", "18446744073709551615k"}) {
    EXPECT_EQ(ParseSize(bad), std::nullopt) << bad;
  }
}

TEST(ParseFractionTest, TakesDecimalsFromZeroToOne) {
  EXPECT_EQ(ParseFraction("0"), 0.0);
  EXPECT_EQ(ParseFraction("1"), 1.0);
  EXPECT_EQ(ParseFraction(".5"), 0.5);
  EXPECT_EQ(ParseFraction("0.25"), 0.25);
  EXPECT_EQ(ParseFraction("1.000"), 1.0);
  for (const char* bad :
       {"", ".", "1.1", "2", "-0.5", "0.5x", "1e-3", "0..1", " 0.5", "nan"}) {
    EXPECT_EQ(ParseFraction(bad), std::nullopt) << bad;
  }
}

TEST(WriteFractionTest, ReadsBackAsTheSameToNineDigits) {
  const auto text = [](double value) {
    return Written(
        [value](base::TextWriter& out) { WriteFraction(value, out); });
  };
  EXPECT_EQ(text(0), "0");
  EXPECT_EQ(text(1), "1");
  EXPECT_EQ(text(0.5), "0.5");
  EXPECT_EQ(text(0.01), "0.01");
  EXPECT_EQ(text(0.000000001), "0.000000001");
}

TEST(ParseWordTest, FindsWholeWordsOnly) {
  EXPECT_EQ(ParseWord("auto", "auto|fp|dwarf"), 0u);
  EXPECT_EQ(ParseWord("dwarf", "auto|fp|dwarf"), 2u);
  for (const char* bad : {"", "aut", "auto|fp", "|", "f"}) {
    EXPECT_EQ(ParseWord(bad, "auto|fp|dwarf"), std::nullopt) << bad;
  }
}

TEST(WriteSizeTest, TakesTheLargestSuffixThatLeavesAWholeNumber) {
  EXPECT_EQ(Size(0), "0");
  EXPECT_EQ(Size(1023), "1023");
  EXPECT_EQ(Size(1024), "1k");
  EXPECT_EQ(Size(1025), "1025");
  EXPECT_EQ(Size(128 * 1024), "128k");
  EXPECT_EQ(Size(uint64_t{1} << 40), "1t");
  EXPECT_EQ(Size(uint64_t{1} << 52), "4096t");
}

TEST(WriteTextTest, QuotesWhatCouldNotStandBare) {
  const auto text = [](std::string_view value) {
    return Written([value](base::TextWriter& out) { WriteText(value, out); });
  };
  EXPECT_EQ(text("/tmp/a"), "/tmp/a");
  EXPECT_EQ(text(""), "");
  EXPECT_EQ(text("a b"), "\"a b\"");
  EXPECT_EQ(text("say \"a b\""), "'say \"a b\"'");
  EXPECT_EQ(text("'a"), "\"'a\"");
}

TEST(WriteQuotedForMessageTest, ShowsAnyByteSafelyAndBriefly) {
  EXPECT_EQ(Quoted("a\x1b[1m"), "\"a\\x1b[1m\"");
  EXPECT_EQ(Quoted(std::string(100, 'a')), "\"" + std::string(100, 'a') + "\"");
  EXPECT_EQ(Quoted(std::string(101, 'a')),
            "\"" + std::string(100, 'a') + "...\"");
}

}  // namespace
}  // namespace dbgalloc::runtime_flags
