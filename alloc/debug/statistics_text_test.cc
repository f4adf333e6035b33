#include "alloc/debug/statistics_text.h"

#include <string>

#include "gtest/gtest.h"

namespace dbgalloc::debug {
namespace {

std::string Render(const HeapStatistics& statistics,
                   const ClassStatistics* classes, size_t count) {
  char buffer[4096];
  base::TextWriter out(buffer, sizeof(buffer));
  WriteStatistics(statistics, classes, count, out);
  return std::string(out.view());
}

TEST(StatisticsText, EveryFigureHasItsLine) {
  HeapStatistics s;
  s.allocations = 40;
  s.allocated_bytes = 4000;
  s.frees = 28;
  s.freed_bytes = 2500;
  s.live_blocks = 12;
  s.live_bytes = 1500;
  s.peak_blocks = 20;
  s.peak_bytes = 3000;
  s.errors = 1;
  s.resident_bytes = 8192;
  s.quarantine_bytes = 4096;
  s.span_bytes = 2097152;
  s.metadata_bytes = 1048576;
  s.retained_bytes = 640;
  s.stack_traces = 7;
  s.stack_bytes = 65536;
  s.stack_hits = 500;
  s.mappings = 99;
  s.mapping_limit = 65530;
  s.process_resident_bytes = 3000000;
  EXPECT_EQ(Render(s, nullptr, 0),
            "  live          12 blocks, 1500 bytes\n"
            "  peak          20 blocks, 3000 bytes\n"
            "  allocated     40 blocks, 4000 bytes\n"
            "  freed         28 blocks, 2500 bytes\n"
            "  errors        1\n"
            "  resident      8192 bytes of blocks and records\n"
            "  quarantine    4096 bytes of freed memory\n"
            "  spans         2097152 bytes of address space for blocks\n"
            "  metadata      1048576 bytes for records\n"
            "  retained      640 bytes of them of blocks that are gone\n"
            "  stacks        7 traces, 65536 bytes, 500 hits\n"
            "  mappings      99 of 65530\n"
            "  process       3000000 bytes resident in all\n");
}

TEST(StatisticsText, OneLineAClassLargeBlocksLast) {
  const ClassStatistics classes[] = {{16, 1, 2, 20, 3, 30},
                                     {0, 1, 1, 1000000, 0, 0}};
  std::string text = Render({}, classes, 2);
  size_t table = text.find("    block size");
  ASSERT_NE(table, std::string::npos);
  EXPECT_EQ(text.substr(table),
            "    block size         spans   live blocks    live bytes"
            "  freed blocks   freed bytes\n"
            "            16             1             2            20"
            "             3            30\n"
            "         large             1             1       1000000"
            "             0             0\n");
}

}  // namespace
}  // namespace dbgalloc::debug
