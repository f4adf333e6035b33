#include "alloc/report/format_trace.h"

#include <string>
#include <string_view>

#include "alloc/report/report_samples.h"
#include "gtest/gtest.h"

namespace dbgalloc::report {
namespace {

using Deed = OperationTrace::Deed;

void AppendTo(void* text, std::string_view piece) {
  static_cast<std::string*>(text)->append(piece);
}

std::string Render(const OperationTrace& trace) {
  std::string text;
  char buffer[1 << 12];
  base::TextWriter out(buffer, sizeof(buffer), &AppendTo, &text);
  TextScratch scratch;
  FormatTextTrace(trace, SampleSurroundings(), scratch, out);
  return text;
}

std::string FirstLine(const OperationTrace& trace) {
  const std::string text = Render(trace);
  return text.substr(0, text.find('\n'));
}

// An allocation, as it happens.
OperationTrace Allocation() {
  OperationTrace trace;
  for (const ReportSample& sample : AllSamples()) {
    if (sample.name == "double_free") trace.block = sample.record.block;
  }
  trace.now = trace.block.allocated;
  return trace;
}

TEST(FormatTrace, HasTheStackAndItsNames) {
  const std::string text = Render(Allocation());
  EXPECT_EQ(text.find("==4242==NOTE: dbgalloc: trace_alloc: malloc: allocated "
                      "16 bytes at 0x7f3a10004000, by thread T0 \"main\"\n"
                      "    #0 0x401136 in MakeNode(int) src/list.cc:3:33\n"),
            0u)
      << text;
  const std::string names = "    (operation 60, stack 0x5eed0001)\n";
  ASSERT_GT(text.size(), names.size());
  EXPECT_EQ(text.substr(text.size() - names.size()), names);
}

TEST(FormatTrace, TellsWhatWasDone) {
  OperationTrace trace = Allocation();
  trace.breaks = true;
  EXPECT_NE(FirstLine(trace).find(": break_at: malloc: allocated"),
            std::string::npos);
  trace.breaks = false;
  trace.now.number = 75;
  trace.deed = Deed::kFrees;
  trace.operation = Operation::kFree;
  EXPECT_EQ(FirstLine(trace),
            "==4242==NOTE: dbgalloc: trace_alloc: free: frees 16 bytes at "
            "0x7f3a10004000, allocated by operation 60, by thread T0 \"main\"");
  trace.operation = Operation::kRemap;
  trace.deed = Deed::kResized;
  EXPECT_NE(FirstLine(trace).find("realloc: resized to 16 bytes"),
            std::string::npos);
  trace.deed = Deed::kMoved;
  EXPECT_NE(FirstLine(trace).find("realloc: moved to 16 bytes"),
            std::string::npos);
}

}  // namespace
}  // namespace dbgalloc::report
