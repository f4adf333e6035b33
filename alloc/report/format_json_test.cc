#include "alloc/report/format_json.h"

#include <fstream>
#include <string>
#include <string_view>

#include "alloc/report/error_kind.h"
#include "alloc/report/format.h"
#include "alloc/report/report_goldens.h"
#include "alloc/report/report_samples.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace dbgalloc::report {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

struct Written {
  std::string text;
  std::string first;
  int pieces = 0;
};

void AppendTo(void* written, std::string_view piece) {
  auto* self = static_cast<Written*>(written);
  self->text.append(piece);
  if (self->pieces++ == 0) self->first = piece;
}

Written Render(const ReportSample& sample, const Surroundings& surroundings) {
  Written written;
  char buffer[1 << 14];
  base::TextWriter out(buffer, sizeof(buffer), &AppendTo, &written);
  TextScratch scratch;
  if (sample.is_leak_report) {
    FormatJsonLeaks(sample.leaks, surroundings, scratch, out);
  } else {
    FormatJsonError(sample.record, surroundings, scratch, out);
  }
  return written;
}

ReportSample DoubleFree() {
  for (const ReportSample& sample : AllSamples()) {
    if (sample.name == "double_free") return sample;
  }
  ADD_FAILURE() << "no sample of a double free";
  return {};
}

// The first write has the sentence: what comes then may crash.
TEST(FormatJson, IsOneLineInTwoWrites) {
  for (const ReportSample& sample : AllSamples()) {
    const Written written = Render(sample, SampleSurroundings());
    EXPECT_EQ(written.text.find('\n'), written.text.size() - 1);
    EXPECT_EQ(written.pieces, 2) << sample.name;
    EXPECT_THAT(written.first, HasSubstr("\"message\":\""));
    EXPECT_THAT(written.first, Not(HasSubstr("frames")));
  }
}

TEST(FormatJson, NeedsNoSurroundings) {
  const std::string text = Render(DoubleFree(), Surroundings()).text;
  EXPECT_THAT(text, StartsWith("{\"schema\":1,\"tool\":\"dbgalloc\","
                               "\"type\":\"error\",\"pid\":0,"
                               "\"kind\":\"double-free\""));
  EXPECT_THAT(text, HasSubstr("\"frames\":[]"));
  EXPECT_THAT(text, HasSubstr("\"top\":{}"));
}

TEST(FormatJson, HasNoColors) {
  Surroundings surroundings = SampleSurroundings();
  surroundings.color = true;
  EXPECT_THAT(Render(DoubleFree(), surroundings).text,
              Not(HasSubstr("\\u001b")));
}

TEST(FormatJson, CountsRepeats) {
  Written written;
  char buffer[1 << 12];
  base::TextWriter out(buffer, sizeof(buffer), &AppendTo, &written);
  ErrorRecord record;
  record.kind = ErrorKind::kDoubleFree;
  record.address = 0x1000;
  TextScratch scratch;
  FormatJsonRepeat(record, 10, SampleSurroundings(), scratch, out);
  EXPECT_THAT(written.text,
              StartsWith("{\"schema\":1,\"tool\":\"dbgalloc\","
                         "\"type\":\"repeat\",\"pid\":4242,"
                         "\"kind\":\"double-free\",\"severity\":\"error\","
                         "\"message\":\"Deallocate of 0x1000"));
  EXPECT_THAT(written.text, testing::EndsWith(",\"times\":10}\n"));
}

// Whatever a record holds, the line stays a line.
TEST(FormatJson, TakesAnyRecord) {
  for (size_t kind = 0; kind < kErrorKindCount + 3; ++kind) {
    for (int operation = 0; operation <= 11; ++operation) {
      ReportSample sample;
      sample.record.kind = static_cast<ErrorKind>(kind);
      sample.record.operation = static_cast<Operation>(operation);
      sample.record.damage.size = UINT64_MAX;
      sample.record.damage.shown = UINT32_MAX;
      sample.record.block.known = operation % 2 == 0;
      const std::string text = Render(sample, SampleSurroundings()).text;
      EXPECT_EQ(text.substr(text.size() - 2), "}\n");
    }
  }
}

std::string GoldenOf(const ReportSample& sample) {
  return Render(sample, SampleSurroundings()).text;
}

int RunTests(int argc, char** argv) {
  return RunGoldenTests({"testdata/reports/", ".json", &GoldenOf}, argc, argv);
}

}  // namespace
}  // namespace dbgalloc::report

int main(int argc, char** argv) {
  return dbgalloc::report::RunTests(argc, argv);
}
