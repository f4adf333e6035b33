#include "alloc/base/check.h"

#include "alloc/base/text_writer.h"
#include "alloc/os/host_hooks.h"

namespace dbgalloc::base {
namespace {

void WriteSite(TextWriter& out, const CheckSite& site) {
  out.Text("dbgalloc bug: ").Terminated(site.condition);
  out.Text(" failed at ").Terminated(site.file).Char(':');
  out.Dec(static_cast<uint64_t>(site.line));
}

[[noreturn]] void Die(const TextWriter& out) {
  if (dbgalloc_host_fatal != nullptr) {
    dbgalloc_host_fatal(out.view().data(), out.view().size());
  }
  __builtin_trap();
}

}  // namespace

void CheckFailed(const CheckSite& site) {
  char buffer[512];
  TextWriter out(buffer, sizeof(buffer));
  WriteSite(out, site);
  out.Char('\n');
  Die(out);
}

void CheckFailed(const CheckSite& site, uint64_t left, uint64_t right) {
  char buffer[512];
  TextWriter out(buffer, sizeof(buffer));
  WriteSite(out, site);
  out.Text(" (").Dec(left).Text(" = ").Hex(left);
  out.Text(" against ").Dec(right).Text(" = ").Hex(right).Text(")\n");
  Die(out);
}

}  // namespace dbgalloc::base
