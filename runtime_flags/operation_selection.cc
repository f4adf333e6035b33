#include "runtime_flags/operation_selection.h"

#include <optional>

#include "runtime_flags/number_text.h"

namespace dbgalloc::runtime_flags {
namespace {

struct Range {
  uint64_t first;
  uint64_t last;
};

// What stands before the next `separator`; it is cut off, with the separator.
std::string_view TakeUpTo(char separator, std::string_view* text) {
  size_t end = 0;
  while (end < text->size() && (*text)[end] != separator) ++end;
  const std::string_view taken(text->data(), end);
  text->remove_prefix(end < text->size() ? end + 1 : end);
  return taken;
}

// "N" or "N-M".
std::optional<Range> ParseRange(std::string_view text) {
  std::string_view rest = text;
  const std::string_view first_text = TakeUpTo('-', &rest);
  const bool is_single = first_text.size() == text.size();
  const std::optional<uint64_t> first = ParseUnsigned(first_text);
  const std::optional<uint64_t> last = is_single ? first : ParseUnsigned(rest);
  if (!first || !last || *first > *last) return std::nullopt;
  return Range{*first, *last};
}

}  // namespace

bool OperationSelection::AddPart(std::string_view text) {
  if (count_ == kMaxParts) return false;
  const std::optional<Range> range = ParseRange(text);
  if (!range) return false;
  const bool is_hash = HasHexPrefix(text);
  if (is_hash && range->last > UINT32_MAX) return false;
  parts_[count_++] = {range->first, range->last, is_hash};
  has_hashes_ = has_hashes_ || is_hash;
  return true;
}

bool OperationSelection::Parse(std::string_view text) {
  *this = OperationSelection();
  if (text.empty()) return true;
  // A comma at the end would go unseen below.
  bool is_good = text[text.size() - 1] != ',';
  while (is_good && !text.empty()) is_good = AddPart(TakeUpTo(',', &text));
  if (!is_good) *this = OperationSelection();
  return is_good;
}

bool OperationSelection::Holds(uint64_t number, uint32_t hash) const {
  for (size_t i = 0; i < count_; ++i) {
    const Part& part = parts_[i];
    const uint64_t value = part.is_hash ? hash : number;
    if (value != 0 && value >= part.first && value <= part.last) return true;
  }
  return false;
}

bool HashWindow::Parse(std::string_view text) {
  const std::optional<Range> range = ParseRange(text);
  if (!range || range->last > UINT32_MAX) return false;
  first = static_cast<uint32_t>(range->first);
  last = static_cast<uint32_t>(range->last);
  return true;
}

}  // namespace dbgalloc::runtime_flags
