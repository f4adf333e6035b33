#include "alloc/interpose/note.h"

#include "alloc/base/text_writer.h"
#include "alloc/os/env.h"
#include "alloc/os/raw_io.h"
#include "dbgalloc/options.h"

namespace dbgalloc::interpose {
namespace {

void BeginNote(base::TextWriter& out) {
  out.Text("==").Dec(static_cast<uint64_t>(os::ProcessId()));
  out.Text("==NOTE: dbgalloc: ");
}

}  // namespace

void WriteNote(std::string_view text) {
  char buffer[2304];
  base::TextWriter out(buffer, sizeof(buffer));
  BeginNote(out);
  out.Text(text).Char('\n');
  os::WriteAll(os::kStandardError, out.view());
}

void WriteSizeOverflowNote(std::string_view function, uint64_t count,
                           uint64_t size) {
  if (Options::FromEnvironment().verbosity < 1) return;
  char buffer[256];
  base::TextWriter out(buffer, sizeof(buffer));
  BeginNote(out);
  out.Text("size-overflow: ").Text(function).Text(" of ");
  out.Dec(count).Text(" times ").Dec(size);
  out.Text(" bytes is more than a size can say; refused with ENOMEM\n");
  os::WriteAll(os::kStandardError, out.view());
}

}  // namespace dbgalloc::interpose
