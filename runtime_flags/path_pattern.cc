#include "runtime_flags/path_pattern.h"

#include <cstddef>

namespace dbgalloc::runtime_flags {
namespace {

// What stands at `pattern[position]`: 'b', 'p' or '%' for a place to fill in,
// else 0.
char PlaceAt(std::string_view pattern, size_t position) {
  if (pattern[position] != '%' || position + 1 == pattern.size()) return 0;
  const char next = pattern[position + 1];
  return next == 'b' || next == 'p' || next == '%' ? next : '\0';
}

}  // namespace

void ExpandPath(std::string_view pattern, std::string_view program,
                int process_id, base::TextWriter& out) {
  for (size_t i = 0; i < pattern.size(); ++i) {
    const char place = PlaceAt(pattern, i);
    if (place == 0) {
      out.Char(pattern[i]);
      continue;
    }
    if (place == 'b') out.Text(program);
    if (place == 'p') out.SignedDec(process_id);
    if (place == '%') out.Char('%');
    ++i;
  }
}

bool NamesProcess(std::string_view pattern) {
  for (size_t i = 0; i < pattern.size(); ++i) {
    const char place = PlaceAt(pattern, i);
    if (place == 'p') return true;
    if (place != 0) ++i;
  }
  return false;
}

}  // namespace dbgalloc::runtime_flags
