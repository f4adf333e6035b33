#include "runtime_flags/option_listing.h"

#include <string_view>

#include "runtime_flags/flag_table.h"

namespace dbgalloc::runtime_flags {
namespace {

constinit const Options kDefaults;

void WriteTypeOf(const FlagInfo& flag, base::TextWriter& out) {
  if (flag.type != FlagType::kWord) {
    out.Text(TypeName(flag.type));
    return;
  }
  WriteExpected(flag, out);
}

void WriteFlagHelp(const FlagInfo& flag, const Options& options,
                   base::TextWriter& out) {
  out.Text("  ").Text(flag.name).Text(" (");
  WriteTypeOf(flag, out);
  out.Text("; default: ");
  flag.write(flag, kDefaults, out);
  out.Text("; current: ");
  flag.write(flag, options, out);
  out.Text(")\n      ").Text(flag.help).Char('\n');
}

}  // namespace

void WriteHelp(const Options& options, base::TextWriter& out) {
  out.Text(
      "dbgalloc: options, as name=value pairs in DBGALLOC_OPTIONS, separated "
      "by ':', ',' or white space; quote values that hold one of these\n");
  std::string_view section;
  for (const FlagInfo& flag : Flags()) {
    if (flag.section != section) {
      section = flag.section;
      out.Text(section).Text(":\n");
    }
    WriteFlagHelp(flag, options, out);
  }
}

void WriteOrigins(const Options& options, const OptionOrigins& origins,
                  base::TextWriter& out) {
  out.Text("dbgalloc: the value of each option, and where it came from\n");
  for (const FlagInfo& flag : Flags()) {
    out.Text("  ").Text(flag.name).Char('=');
    flag.write(flag, options, out);
    out.Text("  from ");
    WritePlace(origins.Of(flag), out);
    out.Char('\n');
  }
}

}  // namespace dbgalloc::runtime_flags
