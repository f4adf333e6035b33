// Prints docs/flags.md: one table a section, one row a flag.
//
//   bazel run //runtime_flags:flags_markdown > docs/flags.md
#include <cstdio>
#include <string_view>

#include "alloc/base/text_writer.h"
#include "runtime_flags/flag_table.h"

namespace dbgalloc::runtime_flags {
namespace {

constexpr std::string_view kPreamble =
    "# Flags\n"
    "\n"
    "<!-- Generated from runtime_flags/flags.inc; do not edit. Renew with\n"
    "     bazel run //runtime_flags:flags_markdown > docs/flags.md -->\n"
    "\n"
    "`DBGALLOC_OPTIONS` holds `name=value` pairs, separated by `:`, `,` or\n"
    "white space; values that hold one of these stand in `'` or `\"`. Later\n"
    "pairs win. A bool is 0 or 1, true or false, yes or no, on or off.\n"
    "Numbers are decimal or start with `0x`; sizes count bytes and take the\n"
    "suffixes `k m g t`. In an included file, `#` starts a comment that runs\n"
    "to the end of its line.\n"
    "\n"
    "From lowest to highest precedence: the defaults below, what the\n"
    "program's `__dbgalloc_default_options()` returns,\n"
    "`DBGALLOC_TARGET_OPTIONS`, `DBGALLOC_OPTIONS`. Of the classes' options, "
    "a\n"
    "field set in code wins over all of these unless `override=1`. The struct\n"
    "`Options` of `dbgalloc/options.h` has a field of the same name for each\n"
    "flag.\n";

void Print(void*, std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
}

// A '|' would end the cell.
void WriteCell(std::string_view text, base::TextWriter& out) {
  for (char c : text) out.Text(c == '|' ? "\\|" : std::string_view(&c, 1));
}

void WriteType(const FlagInfo& flag, base::TextWriter& out) {
  switch (flag.type) {
    case FlagType::kWord:
      return WriteCell(flag.limits.words, out);
    case FlagType::kSigned:
      out.Text("integer, ").SignedDec(flag.limits.minimum);
      if (flag.limits.maximum < uint64_t{INT64_MAX}) {
        out.Text("..").Dec(flag.limits.maximum);
      } else {
        out.Text(" or more");
      }
      return;
    default:
      out.Text(TypeName(flag.type));
  }
}

void WriteRow(const FlagInfo& flag, base::TextWriter& out) {
  out.Text("| `").Text(flag.name).Text("` | ");
  WriteType(flag, out);
  char buffer[600];
  base::TextWriter value(buffer, sizeof(buffer));
  flag.write(flag, Options(), value);
  if (value.view().empty()) {
    out.Text(" | | ");
  } else {
    out.Text(" | `").Text(value.view()).Text("` | ");
  }
  WriteCell(flag.help, out);
  out.Text(" |\n");
}

void WriteDocument(base::TextWriter& out) {
  out.Text(kPreamble);
  std::string_view section;
  for (const FlagInfo& flag : Flags()) {
    if (flag.section != section) {
      section = flag.section;
      out.Text("\n## ").Text(section).Text("\n\n");
      out.Text("| flag | type | default | meaning |\n|---|---|---|---|\n");
    }
    WriteRow(flag, out);
  }
}

}  // namespace
}  // namespace dbgalloc::runtime_flags

int main() {
  char buffer[4096];
  dbgalloc::base::TextWriter out(buffer, sizeof(buffer),
                                 &dbgalloc::runtime_flags::Print, nullptr);
  dbgalloc::runtime_flags::WriteDocument(out);
  out.Flush();
  return std::ferror(stdout) == 0 ? 0 : 1;
}
