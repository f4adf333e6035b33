#include "alloc/interpose/banner.h"

#include <string_view>

#include "alloc/base/shielded_memory.h"
#include "alloc/base/text_writer.h"
#include "alloc/interpose/note.h"
#include "alloc/report/report_output.h"
#include "runtime_flags/flag_table.h"

namespace dbgalloc::interpose {
namespace {

// In the order in which they are told.
constexpr std::string_view kTold[] = {
    "allocator", "guard", "protect_metadata", "unwind", "log_sink",
};

// What the option came to on this machine.
void WriteProtection(base::TextWriter& out) {
  constexpr std::string_view kModes[] = {"off", "pkeys", "mprotect"};
  auto mode = static_cast<size_t>(base::CurrentShieldMode());
  out.Text(" (").Text(kModes[mode]).Char(')');
}

}  // namespace

void WriteBanner(const Options& options) {
  if (options.verbosity < 1) return;
  char buffer[2048];
  base::TextWriter out(buffer, sizeof(buffer));
  out.Text("serves malloc of this process:");
  for (std::string_view name : kTold) {
    const runtime_flags::FlagInfo* flag = runtime_flags::FindFlag(name);
    if (flag == nullptr) continue;
    out.Char(' ').Text(name).Char('=');
    flag->write(*flag, options, out);
    if (name == "protect_metadata") WriteProtection(out);
  }
  out.Text("; reports go to ");
  bool copy = false;
  char path[1024];
  base::TextWriter path_out(path, sizeof(path));
  bool to_file = report::WriteLogPath(options, path_out, copy);
  if (!to_file || copy) out.Text("standard error");
  if (to_file && copy) out.Text(" and ");
  if (to_file) out.Text(path_out.view());
  WriteNote(out.view());
}

}  // namespace dbgalloc::interpose
