#include "alloc/report/suppressions.h"

#include <string>
#include <vector>

#include "alloc/base/text_writer.h"
#include "alloc/report/error_kind.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace dbgalloc::report {
namespace {

using testing::HasSubstr;

// The rules of one text, with their memory.
class Rules {
 public:
  explicit Rules(std::string text)
      : text_(std::move(text)), room_(SuppressionRules::MostRules(text_)) {
    valid_ = rules_.Parse(text_, room_.data(), room_.size(), &mistake_);
  }

  bool valid() const { return valid_; }
  SuppressionRules& rules() { return rules_; }

  std::string Mistake() const {
    char buffer[512];
    base::TextWriter out(buffer, sizeof(buffer));
    WriteSuppressionMistake(mistake_, out);
    return std::string(out.view());
  }

  bool Cover(ErrorKind kind, const FrameDescription& frame) {
    return rules_.Find(kind, frame) != nullptr;
  }

 private:
  const std::string text_;
  std::vector<Suppression> room_;
  SuppressionRules rules_;
  SuppressionMistake mistake_;
  bool valid_ = false;
};

FrameDescription Frame() {
  FrameDescription frame;
  frame.function = "list::Node::Make(int)";
  frame.file = "src/list.cc";
  frame.line = 12;
  frame.module = "/opt/lib/libodd.so";
  return frame;
}

TEST(Suppressions, CoverByFunctionFileLineAndModule) {
  for (const char* pattern :
       {"Node::Make", "^list::", "src/list.cc", "^src/list.cc$", "list.cc:12",
        "list.cc:12$", "libodd.so", "^/opt/lib/*.so$", "*"}) {
    Rules rules(std::string("leak:") + pattern);
    ASSERT_TRUE(rules.valid()) << pattern;
    EXPECT_TRUE(rules.Cover(ErrorKind::kLeak, Frame())) << pattern;
    EXPECT_FALSE(rules.Cover(ErrorKind::kDoubleFree, Frame())) << pattern;
  }
  for (const char* pattern :
       {"Other", "^Node", "list.cc$x", "list.cc:1", "list.cc:120", "libodd$"}) {
    Rules rules(std::string("leak:") + pattern);
    EXPECT_FALSE(rules.Cover(ErrorKind::kLeak, Frame())) << pattern;
  }
}

TEST(Suppressions, UnknownNamesMatchNothing) {
  Rules rules("leak:*\nleak:^\n");
  EXPECT_FALSE(rules.Cover(ErrorKind::kLeak, FrameDescription()));
}

TEST(Suppressions, EveryKindCanBeSuppressed) {
  for (size_t i = 1; i < kErrorKindCount; ++i) {
    const auto kind = static_cast<ErrorKind>(i);
    Rules rules(std::string(InfoOf(kind).slug) + ":list");
    ASSERT_TRUE(rules.valid()) << rules.Mistake();
    EXPECT_TRUE(rules.rules().Concern(kind));
    EXPECT_TRUE(rules.Cover(kind, Frame()));
  }
}

TEST(Suppressions, CommentsBlankLinesAndBlanksAroundDoNotCount) {
  Rules rules("# first\n\n  leak : a b \r\n\t# more\nleak:second");
  ASSERT_TRUE(rules.valid()) << rules.Mistake();
  ASSERT_EQ(rules.rules().size(), 2u);
  EXPECT_EQ(rules.rules().begin()->pattern, "a b");
  EXPECT_EQ(rules.rules().begin()->line, 3u);
  EXPECT_EQ((rules.rules().begin() + 1)->pattern, "second");
  EXPECT_EQ((rules.rules().begin() + 1)->line, 5u);
}

TEST(Suppressions, APatternMayHaveColons) {
  Rules rules("leak:a::b:c");
  EXPECT_EQ(rules.rules().begin()->pattern, "a::b:c");
}

TEST(Suppressions, AMistakeNamesItsLineAndItsReason) {
  EXPECT_EQ(Rules("leak:a\n\nlek:b").Mistake(),
            "line 3: \"lek\" is no kind of error; did you mean leak?");
  EXPECT_EQ(Rules("race:b").Mistake(), "line 1: \"race\" is no kind of error");
  EXPECT_EQ(Rules("leak").Mistake(),
            "line 1: \"leak\" has no colon; a rule is KIND:PATTERN");
  EXPECT_THAT(Rules("leak:").Mistake(), HasSubstr("no pattern"));
  EXPECT_THAT(Rules(std::string("leak:a\0b", 8)).Mistake(),
              HasSubstr("control character"));
  for (const char* bad : {"leak:a\nlek:b", "leak", "leak: "}) {
    Rules rules(bad);
    EXPECT_FALSE(rules.valid()) << bad;
    EXPECT_EQ(rules.rules().size(), 0u) << bad;
  }
}

TEST(Suppressions, WithoutRoomThereAreNoRules) {
  Suppression room;
  SuppressionRules rules;
  SuppressionMistake mistake;
  EXPECT_FALSE(rules.Parse("leak:a\nleak:b", &room, 1, &mistake));
  EXPECT_EQ(mistake.reason, SuppressionMistake::Reason::kTooManyRules);
  EXPECT_EQ(mistake.line, 2u);
}

TEST(Suppressions, AFileNameLongerThanItsRoomIsNoMistake) {
  const std::string file(3000, 'x');
  FrameDescription frame = Frame();
  frame.file = file;
  Rules rules("leak:xx:12\n");
  EXPECT_FALSE(rules.Cover(ErrorKind::kLeak, frame));
}

}  // namespace
}  // namespace dbgalloc::report
