#include "alloc/interpose/statistics.h"

#include "alloc/base/text_writer.h"
#include "alloc/debug/statistics_text.h"
#include "alloc/debug/system_host.h"
#include "alloc/os/env.h"
#include "alloc/os/raw_io.h"

namespace dbgalloc::interpose {
namespace {

void WriteOut(void* /*context*/, std::string_view text) {
  os::WriteAll(os::kStandardError, text);
}

}  // namespace

void PrintStatistics(debug::DebugHeap& heap) {
  debug::ClassStatistics classes[debug::kMostClasses];
  size_t count = heap.GetClassStatistics(classes, debug::kMostClasses);
  char buffer[2048];
  base::TextWriter out(buffer, sizeof(buffer), &WriteOut, nullptr);
  out.Text("==").Dec(static_cast<uint64_t>(os::ProcessId()));
  out.Text("==STATISTICS: dbgalloc: ").Text(os::ProgramName()).Char('\n');
  debug::WriteStatistics(debug::AllStatistics(heap), classes, count, out);
  out.Flush();
}

}  // namespace dbgalloc::interpose
