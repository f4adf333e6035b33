#include "alloc/debug/statistics_text.h"

#include <string_view>

namespace dbgalloc::debug {
namespace {

constexpr size_t kNameWidth = 14;
constexpr int kColumnWidth = 14;

// "  name          "; what follows is the caller's.
base::TextWriter& Name(std::string_view name, base::TextWriter& out) {
  return out.Text("  ").Text(name).Repeat(' ', kNameWidth - name.size());
}

void WriteBlocks(std::string_view name, uint64_t blocks, uint64_t bytes,
                 base::TextWriter& out) {
  Name(name, out).Dec(blocks).Text(" blocks, ");
  out.Dec(bytes).Text(" bytes\n");
}

void WriteBytes(std::string_view name, uint64_t bytes, std::string_view what,
                base::TextWriter& out) {
  Name(name, out).Dec(bytes).Text(" bytes ").Text(what).Char('\n');
}

void WriteClass(const ClassStatistics& figures, base::TextWriter& out) {
  if (figures.capacity == 0) {
    out.Repeat(' ', kColumnWidth - 5).Text("large");
  } else {
    out.PaddedDec(figures.capacity, kColumnWidth);
  }
  for (uint64_t value : {figures.spans, figures.live_blocks, figures.live_bytes,
                         figures.freed_blocks, figures.freed_bytes}) {
    out.PaddedDec(value, kColumnWidth);
  }
  out.Char('\n');
}

void WriteHead(std::string_view title, base::TextWriter& out) {
  out.Repeat(' ', kColumnWidth - title.size()).Text(title);
}

}  // namespace

void WriteStatistics(const HeapStatistics& statistics,
                     const ClassStatistics* classes, size_t count,
                     base::TextWriter& out) {
  const HeapStatistics& s = statistics;
  WriteBlocks("live", s.live_blocks, s.live_bytes, out);
  WriteBlocks("peak", s.peak_blocks, s.peak_bytes, out);
  WriteBlocks("allocated", s.allocations, s.allocated_bytes, out);
  WriteBlocks("freed", s.frees, s.freed_bytes, out);
  Name("errors", out).Dec(s.errors).Char('\n');
  WriteBytes("resident", s.resident_bytes, "of blocks and records", out);
  WriteBytes("quarantine", s.quarantine_bytes, "of freed memory", out);
  WriteBytes("spans", s.span_bytes, "of address space for blocks", out);
  WriteBytes("metadata", s.metadata_bytes, "for records", out);
  WriteBytes("retained", s.retained_bytes, "of them of blocks that are gone",
             out);
  Name("stacks", out).Dec(s.stack_traces).Text(" traces, ");
  out.Dec(s.stack_bytes).Text(" bytes, ");
  out.Dec(s.stack_hits).Text(" hits\n");
  Name("mappings", out).Dec(s.mappings).Text(" of ");
  out.Dec(s.mapping_limit).Char('\n');
  WriteBytes("process", s.process_resident_bytes, "resident in all", out);
  if (count == 0) return;
  for (std::string_view title : {"block size", "spans", "live blocks",
                                 "live bytes", "freed blocks", "freed bytes"}) {
    WriteHead(title, out);
  }
  out.Char('\n');
  for (size_t i = 0; i < count; ++i) WriteClass(classes[i], out);
}

}  // namespace dbgalloc::debug
