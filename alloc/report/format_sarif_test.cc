#include "alloc/report/format_sarif.h"

#include <fstream>
#include <string>
#include <string_view>

#include "alloc/report/error_kind.h"
#include "alloc/report/report_goldens.h"
#include "alloc/report/report_samples.h"
#include "alloc/report/sarif_run.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace dbgalloc::report {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

void AppendTo(void* text, std::string_view piece) {
  static_cast<std::string*>(text)->append(piece);
}

std::string Render(const ReportSample& sample,
                   const Surroundings& surroundings) {
  std::string text;
  char buffer[1 << 15];
  base::TextWriter out(buffer, sizeof(buffer), &AppendTo, &text);
  TextScratch scratch;
  if (sample.is_leak_report) {
    FormatSarifLeaks(sample.leaks, surroundings, scratch, out);
  } else {
    FormatSarifError(sample.record, surroundings, scratch, out);
  }
  return text;
}

std::string Head() {
  std::string text;
  char buffer[1 << 15];
  base::TextWriter out(buffer, sizeof(buffer), &AppendTo, &text);
  WriteSarifHead(out);
  out.Flush();
  return text;
}

// A log without what is the same in all.
std::string ResultsOf(const ReportSample& sample) {
  const std::string text = Render(sample, SampleSurroundings());
  const size_t begin = Head().size();
  return text.substr(begin, text.size() - begin - kSarifTail.size());
}

std::string ResultsOf(const std::string& name) {
  for (const ReportSample& sample : AllSamples()) {
    if (sample.name == name) return ResultsOf(sample);
  }
  ADD_FAILURE() << "no sample " << name;
  return {};
}

// An array of results.
std::string GoldenOf(const ReportSample& sample) {
  return "[" + ResultsOf(sample) + "]\n";
}

// If looking up a symbol crashes, the sentence is out already.
TEST(FormatSarif, WritesTheSentenceBeforeAnythingIsLookedUp) {
  class Watching final : public FrameSource {
   public:
    explicit Watching(const std::string& text) : text_(text) {}
    size_t Find(uint32_t, const uintptr_t**) override {
      if (text_at_first_look.empty()) text_at_first_look = text_;
      return 0;
    }
    void Describe(uintptr_t, CounterKind, FrameVisitor&) override {}
    uint32_t HashOf(uint32_t) override { return 0; }
    std::string text_at_first_look;

   private:
    const std::string& text_;
  };
  std::string text;
  Watching frames(text);
  char buffer[1 << 15];
  base::TextWriter out(buffer, sizeof(buffer), &AppendTo, &text);
  TextScratch scratch;
  Surroundings surroundings;
  surroundings.frames = &frames;
  FormatSarifError(AllSamples().front().record, surroundings, scratch, out);
  EXPECT_THAT(frames.text_at_first_look, EndsWith("heap operations earlier"));
}

TEST(FormatSarif, TellsRepeatsAsNotes) {
  std::string text;
  char buffer[1 << 15];
  base::TextWriter out(buffer, sizeof(buffer), &AppendTo, &text);
  TextScratch scratch;
  FormatSarifRepeat(AllSamples().front().record, 10, SampleSurroundings(),
                    scratch, out);
  EXPECT_THAT(text, HasSubstr("\"level\":\"note\",\"message\":{\"text\":"
                              "\"again, 10 times by now"));
  EXPECT_THAT(text, HasSubstr("\"occurrenceCount\":10"));
  EXPECT_THAT(text, EndsWith(std::string(kSarifTail)));
}

// Reports are put into a file that holds a log by these two.
TEST(FormatSarif, HasTheSameHeadAndTailInEveryLog) {
  const std::string head = Head();
  EXPECT_THAT(head, EndsWith(std::string(kSarifHeadEnd)));
  EXPECT_EQ(head.find(kSarifHeadEnd), head.size() - kSarifHeadEnd.size());
  EXPECT_LT(head.size(), size_t{32} << 10) << "comes in one piece";
  for (const ReportSample& sample : AllSamples()) {
    const std::string text = Render(sample, SampleSurroundings());
    EXPECT_THAT(text, StartsWith(head)) << sample.name;
    EXPECT_THAT(text, EndsWith(std::string(kSarifTail))) << sample.name;
    EXPECT_EQ(text.find('\n'), text.size() - 1) << sample.name;
  }
}

TEST(FormatSarif, PointsAtTheUsersFrame) {
  EXPECT_THAT(ResultsOf("double_free"),
              HasSubstr("\"locations\":[{\"physicalLocation\":{\"address\":{"
                        "\"absoluteAddress\":4198784},\"artifactLocation\":{"
                        "\"uri\":\"src/list.cc\"},\"region\":{\"startLine\":7,"
                        "\"startColumn\":3}},\"logicalLocations\":[{"
                        "\"fullyQualifiedName\":\"Release(Node*)\",\"kind\":"
                        "\"function\"}]}]"));
}

TEST(FormatSarif, LinksTheOtherParties) {
  EXPECT_THAT(ResultsOf("double_free"),
              HasSubstr("; [first free](2); [allocated](3)\"}"));
}

TEST(FormatSarif, TellsTheLifeOfTheBlockInOrder) {
  const std::string text = ResultsOf("double_free");
  const size_t flow = text.find("\"codeFlows\"");
  ASSERT_NE(flow, std::string::npos);
  const size_t allocated = text.find("{\"text\":\"allocated\"}", flow);
  const size_t freed = text.find("{\"text\":\"first free\"}", flow);
  const size_t used = text.find("{\"text\":\"second free\"}", flow);
  EXPECT_LT(allocated, freed);
  EXPECT_LT(freed, used);
  EXPECT_NE(used, std::string::npos);
}

TEST(FormatSarif, HasAResultForEachGroupOfLeaks) {
  const std::string text = ResultsOf("leak");
  EXPECT_THAT(text, StartsWith("{\"ruleId\":\"leak\""));
  EXPECT_THAT(text, HasSubstr("},{\"ruleId\":\"leak\""));
  EXPECT_THAT(text, HasSubstr("1024 bytes in 2 blocks were never freed"));
  EXPECT_THAT(text, HasSubstr("\"absoluteAddress\":"))
      << "a place without a source";
}

TEST(FormatSarif, NeedsNoSurroundings) {
  for (const ReportSample& sample : AllSamples()) {
    EXPECT_THAT(Render(sample, Surroundings()), HasSubstr("\"locations\":[],"));
  }
}

TEST(FormatSarif, TakesAnyRecord) {
  for (size_t kind = 0; kind < kErrorKindCount + 3; ++kind) {
    ReportSample sample;
    sample.record.kind = static_cast<ErrorKind>(kind);
    EXPECT_THAT(Render(sample, SampleSurroundings()),
                EndsWith(std::string(kSarifTail)));
  }
}

int RunTests(int argc, char** argv) {
  return RunGoldenTests({"testdata/reports/sarif/", ".json", &GoldenOf}, argc,
                        argv);
}

}  // namespace
}  // namespace dbgalloc::report

int main(int argc, char** argv) {
  return dbgalloc::report::RunTests(argc, argv);
}
