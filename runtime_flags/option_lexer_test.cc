#include "runtime_flags/option_lexer.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace dbgalloc::runtime_flags {
namespace {

// "name=value" of each pair, or "!" and the text of each mistake.
std::vector<std::string> Lex(std::string_view text, bool comments = false) {
  std::vector<std::string> found;
  OptionLexer lexer(text, comments);
  OptionPair pair;
  for (LexResult result = lexer.Next(&pair); result != LexResult::kEnd;
       result = lexer.Next(&pair)) {
    found.push_back(result == LexResult::kPair
                        ? std::string(pair.name) + "=" + std::string(pair.value)
                        : "!" + std::string(pair.text));
  }
  return found;
}

LexResult FirstResult(std::string_view text) {
  OptionPair pair;
  return OptionLexer(text, false).Next(&pair);
}

using Pairs = std::vector<std::string>;

TEST(OptionLexerTest, AnySeparatorAndAnyNumberOfThem) {
  const Pairs both = {"a=1", "b=2"};
  for (const char* text : {"a=1:b=2", "a=1,b=2", "a=1 b=2", "a=1\tb=2",
                           "a=1\nb=2", "a=1\r\nb=2", "::a=1, : b=2,,"}) {
    EXPECT_EQ(Lex(text), both) << text;
  }
  EXPECT_EQ(Lex(""), Pairs());
  EXPECT_EQ(Lex(" :,\n"), Pairs());
}

TEST(OptionLexerTest, QuotesHoldSeparatorsAndTheOtherQuote) {
  EXPECT_EQ(Lex("p='a:b, c':q=\"it's\""), (Pairs{"p=a:b, c", "q=it's"}));
  EXPECT_EQ(Lex("p='',q=\"\""), (Pairs{"p=", "q="}));
}

TEST(OptionLexerTest, ACommaBeforeADigitGoesOnWithTheValue) {
  EXPECT_EQ(Lex("p=1,2-3,0x4,q=5"), (Pairs{"p=1,2-3,0x4", "q=5"}));
  EXPECT_EQ(Lex("p=1,,2=3"), (Pairs{"p=1", "2=3"}));
  EXPECT_EQ(Lex("p=1,"), (Pairs{"p=1"}));
}

TEST(OptionLexerTest, AQuoteInsideABareValueIsOrdinary) {
  EXPECT_EQ(Lex("p=it's:q=1"), (Pairs{"p=it's", "q=1"}));
}

TEST(OptionLexerTest, OnlyTheFirstEqualsSeparates) {
  EXPECT_EQ(Lex("p=a=b"), (Pairs{"p=a=b"}));
}

TEST(OptionLexerTest, TellsEachMistakeApart) {
  EXPECT_EQ(FirstResult("safety"), LexResult::kNoEquals);
  EXPECT_EQ(FirstResult("=1"), LexResult::kNoName);
  EXPECT_EQ(FirstResult("p='half"), LexResult::kOpenQuote);
  EXPECT_EQ(FirstResult("p=\"a\"b"), LexResult::kTextAfterQuote);
  EXPECT_EQ(FirstResult("p=\x01"), LexResult::kControlByte);
  EXPECT_EQ(FirstResult(std::string_view("p=\0q", 4)), LexResult::kControlByte);
  EXPECT_EQ(FirstResult("p=\xc3\xa9"), LexResult::kPair) << "UTF-8 is text";
}

TEST(OptionLexerTest, GoesOnBehindAMistake) {
  EXPECT_EQ(Lex("safety:a=1"), (Pairs{"!safety", "a=1"}));
  EXPECT_EQ(Lex("p='x'y z=1"), (Pairs{"!p='x'y", "z=1"}));
  EXPECT_EQ(Lex("=:a=1"), (Pairs{"!=", "a=1"}));
}

TEST(OptionLexerTest, CommentsRunToTheEndOfTheLineInFilesAlone) {
  EXPECT_EQ(Lex("# x=1\na=1 # b=2\n#", true), (Pairs{"a=1"}));
  EXPECT_EQ(Lex("a=1#b", true), (Pairs{"a=1#b"}));
  EXPECT_EQ(Lex("#a=1", false), (Pairs{"#a=1"}));
}

TEST(OptionLexerTest, CountsLinesAndOffsets) {
  OptionLexer lexer("a=1\n# note\n\n  b='x\ny' c=2", true);
  OptionPair pair;
  lexer.Next(&pair);
  EXPECT_EQ(pair.line, 1u);
  lexer.Next(&pair);
  EXPECT_EQ(pair.line, 4u);
  EXPECT_EQ(pair.offset, 14u);
  lexer.Next(&pair);
  EXPECT_EQ(pair.line, 5u) << "a quoted value may hold lines";
}

}  // namespace
}  // namespace dbgalloc::runtime_flags
