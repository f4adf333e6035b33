#include "alloc/report/name_pattern.h"

#include <cstddef>

namespace dbgalloc::report {
namespace {

constexpr size_t kNowhere = std::string_view::npos;

// What stands between two stars. They are placed one after the other, each as
// far to the left as can be, which leaves the most for the rest; only the one
// that is tied to the end is placed there.
struct Piece {
  std::string_view text;
  bool at_begin;
  bool at_end;
};

// Where the piece ends in the text, or kNowhere.
size_t EndOf(const Piece& piece, std::string_view text, size_t from) {
  const size_t size = piece.text.size();
  if (size > text.size() - from) return kNowhere;
  if (piece.at_end) {
    if (piece.at_begin && size != text.size() - from) return kNowhere;
    return text.ends_with(piece.text) ? text.size() : kNowhere;
  }
  if (piece.at_begin) {
    text.remove_prefix(from);
    return text.starts_with(piece.text) ? from + size : kNowhere;
  }
  const size_t found = text.find(piece.text, from);
  return found == kNowhere ? kNowhere : found + size;
}

}  // namespace

bool MatchesPattern(std::string_view pattern, std::string_view text) {
  if (text.empty()) return false;
  bool at_begin = pattern.starts_with('^');
  if (at_begin) pattern.remove_prefix(1);
  const bool ties_end = pattern.ends_with('$');
  if (ties_end) pattern.remove_suffix(1);
  for (size_t place = 0;;) {
    const size_t star = pattern.find('*');
    const bool is_last = star == kNowhere;
    const std::string_view piece(pattern.data(),
                                 is_last ? pattern.size() : star);
    place = EndOf({piece, at_begin, is_last && ties_end}, text, place);
    if (place == kNowhere) return false;
    if (is_last) return true;
    pattern.remove_prefix(star + 1);
    at_begin = false;
  }
}

}  // namespace dbgalloc::report
