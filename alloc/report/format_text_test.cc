#include "alloc/report/format_text.h"

#include <fstream>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "alloc/report/error_kind.h"
#include "alloc/report/format.h"
#include "alloc/report/report_goldens.h"
#include "alloc/report/report_samples.h"
#include "gtest/gtest.h"

namespace dbgalloc::report {
namespace {

void AppendTo(void* pieces, std::string_view text) {
  static_cast<std::vector<std::string>*>(pieces)->emplace_back(text);
}

// What a report flushes, piece by piece.
std::vector<std::string> Pieces(const ReportSample& sample,
                                const Surroundings& surroundings) {
  std::vector<std::string> pieces;
  char buffer[1 << 14];
  base::TextWriter out(buffer, sizeof(buffer), &AppendTo, &pieces);
  TextScratch scratch;
  if (sample.is_leak_report) {
    FormatTextLeaks(sample.leaks, surroundings, scratch, out);
  } else {
    FormatTextError(sample.record, surroundings, scratch, out);
  }
  return pieces;
}

std::string Render(const ReportSample& sample,
                   const Surroundings& surroundings) {
  std::string text;
  for (const std::string& piece : Pieces(sample, surroundings)) text += piece;
  return text;
}

ReportSample SampleNamed(std::string_view name) {
  for (const ReportSample& sample : AllSamples()) {
    if (sample.name == name) return sample;
  }
  ADD_FAILURE() << "no sample " << name;
  return {};
}

TEST(FormatText, HasASampleOfEveryKind) {
  std::set<ErrorKind> kinds = {ErrorKind::kNone};
  for (const ReportSample& sample : AllSamples()) {
    kinds.insert(sample.is_leak_report ? ErrorKind::kLeak : sample.record.kind);
  }
  EXPECT_EQ(kinds.size(), kErrorKindCount);
}

// If looking up a symbol crashes, the address is out already.
TEST(FormatText, FlushesTheFirstLineBeforeAnythingIsLookedUp) {
  class Crashing final : public FrameSource {
   public:
    explicit Crashing(std::vector<std::string>& pieces) : pieces_(pieces) {}
    size_t Find(uint32_t, const uintptr_t**) override {
      pieces_seen = pieces_.size();
      return 0;
    }
    uint32_t HashOf(uint32_t) override { return 0; }
    void Describe(uintptr_t, CounterKind, FrameVisitor&) override {}
    size_t pieces_seen = 0;

   private:
    std::vector<std::string>& pieces_;
  };
  std::vector<std::string> pieces;
  Crashing frames(pieces);
  char buffer[1 << 14];
  base::TextWriter out(buffer, sizeof(buffer), &AppendTo, &pieces);
  TextScratch scratch;
  Surroundings surroundings;
  surroundings.frames = &frames;
  FormatTextError(SampleNamed("double_free").record, surroundings, scratch,
                  out);
  EXPECT_EQ(frames.pieces_seen, 1u);
  EXPECT_EQ(pieces.size(), 2u) << "one write for the first line, one for the "
                                  "rest";
}

TEST(FormatText, NeedsNoSurroundings) {
  const std::string text = Render(SampleNamed("double_free"), Surroundings());
  EXPECT_EQ(text.find("==0==ERROR: dbgalloc: double-free: "), 0u) << text;
  EXPECT_NE(text.find("second free, by thread T2\n    (no stack"),
            std::string::npos)
      << text;
}

// Modules lie under long paths in a build's output.
TEST(FormatText, NamesAModuleByItsWholePath) {
  class DeepInATree final : public HostView {
   public:
    std::ptrdiff_t ReadSourceLine(std::string_view, int, char*,
                                  size_t) override {
      return -1;
    }
    size_t ThreadName(uint32_t, char*, size_t) override { return 0; }
    bool NameAddress(uintptr_t, base::TextWriter& out) override {
      out.Text("in the static data of /");
      out.Repeat('d', 1500).Text("/last");
      return true;
    }
  };
  DeepInATree host;
  Surroundings surroundings;
  surroundings.host = &host;
  const std::string text = Render(SampleNamed("invalid_free"), surroundings);
  EXPECT_NE(text.find("d/last\n"), std::string::npos) << text;
}

// One frame in one file, with a long name and a long line of source.
class WideProcess final : public FrameSource, public HostView {
 public:
  WideProcess(std::string function, std::string line, int column)
      : function_(std::move(function)),
        line_(std::move(line)),
        column_(column) {}

  size_t Find(uint32_t, const uintptr_t** counters) override {
    static const uintptr_t kCounter = 0x1000;
    *counters = &kCounter;
    return 1;
  }
  void Describe(uintptr_t program_counter, CounterKind,
                FrameVisitor& visitor) override {
    FrameDescription frame;
    frame.program_counter = program_counter;
    frame.function = function_;
    frame.file = "a.cc";
    frame.line = 1;
    frame.column = column_;
    visitor.OnFrame(frame);
  }
  uint32_t HashOf(uint32_t) override { return 0; }
  std::ptrdiff_t ReadSourceLine(std::string_view, int, char* buffer,
                                size_t capacity) override {
    return static_cast<std::ptrdiff_t>(line_.copy(buffer, capacity));
  }
  size_t ThreadName(uint32_t, char*, size_t) override { return 0; }
  bool NameAddress(uintptr_t, base::TextWriter&) override { return false; }

 private:
  const std::string function_;
  const std::string line_;
  const int column_;
};

std::string RenderWide(WideProcess process) {
  Surroundings surroundings;
  surroundings.frames = &process;
  surroundings.host = &process;
  return Render(SampleNamed("double_free"), surroundings);
}

TEST(FormatText, ShortensLongNamesInTheMiddle) {
  const std::string text = RenderWide(
      WideProcess("Begin<" + std::string(1000, 'x') + ">::End", "f();", 1));
  EXPECT_NE(text.find("in Begin<xxx"), std::string::npos);
  EXPECT_NE(text.find("xxx...xxx"), std::string::npos);
  EXPECT_NE(text.find("xxx>::End a.cc:1:1\n"), std::string::npos);
  EXPECT_EQ(text.find(std::string(241, 'x')), std::string::npos);
}

TEST(FormatText, ShowsThePartOfALongLineAroundTheCaret) {
  const std::string line =
      std::string(500, '-') + "free" + std::string(400, '+');
  const std::string text = RenderWide(WideProcess("f", line, 501));
  const std::string shown =
      "..." + std::string(80, '-') + "free" + std::string(36, '+') + "...\n";
  EXPECT_NE(text.find(" 1 | " + shown), std::string::npos) << text;
  EXPECT_NE(text.find("   | " + std::string(83, ' ') + "^\n"),
            std::string::npos)
      << text;
}

TEST(FormatText, ColorsOnRequestOnly) {
  Surroundings surroundings = SampleSurroundings();
  EXPECT_EQ(Render(SampleNamed("double_free"), surroundings).find('\033'),
            std::string::npos);
  surroundings.color = true;
  const std::string text = Render(SampleNamed("double_free"), surroundings);
  EXPECT_EQ(text.find("\033[1;31m==4242==ERROR"), 0u) << text;
}

// Whatever a record holds, the text stays text.
TEST(FormatText, TakesAnyRecord) {
  for (size_t kind = 0; kind < kErrorKindCount + 3; ++kind) {
    for (int operation = 0; operation <= 10; ++operation) {
      ReportSample sample;
      sample.record.kind = static_cast<ErrorKind>(kind);
      sample.record.operation = static_cast<Operation>(operation);
      sample.record.damage.size = UINT64_MAX;
      sample.record.damage.shown = UINT32_MAX;
      sample.record.block.known = operation % 2 == 0;
      sample.record.block.size = UINT64_MAX;
      const std::string text = Render(sample, SampleSurroundings());
      EXPECT_EQ(text.back(), '\n');
    }
  }
}

TEST(Formats, StandInTheOrderOfTheOption) {
  std::string words;
  for (const ReportFormat& format : kFormats) {
    words += words.empty() ? "" : "|";
    words += format.name;
  }
#define DBG_FLAG(type, name, default_value, help)
#define DBG_ENUM_FLAG(type, name, default_value, flag_words, help) \
  if (std::string_view(#name) == "report_format") {                \
    EXPECT_EQ(words, flag_words);                                  \
  }
#include "dbgalloc/flags.inc"
}

std::string GoldenOf(const ReportSample& sample) {
  return Render(sample, SampleSurroundings());
}

int RunTests(int argc, char** argv) {
  return RunGoldenTests({"testdata/reports/", ".txt", &GoldenOf}, argc, argv);
}

}  // namespace
}  // namespace dbgalloc::report

int main(int argc, char** argv) {
  return dbgalloc::report::RunTests(argc, argv);
}
