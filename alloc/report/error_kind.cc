#include "alloc/report/error_kind.h"

namespace dbgalloc::report {
namespace {

constexpr ErrorKindInfo kKinds[kErrorKindCount] = {
    {"none", Severity::kNote, "nothing is wrong"},
#define DBG_ERROR_KIND(enumerator, slug, severity, summary) \
  {slug, Severity::severity, summary},
#include "dbgalloc/report/error_kinds.inc"
};

// Byte by byte, since a freestanding program has no memcmp.
bool SameText(std::string_view left, std::string_view right) {
  if (left.size() != right.size()) return false;
  for (size_t i = 0; i < left.size(); ++i) {
    if (left[i] != right[i]) return false;
  }
  return true;
}

}  // namespace

const ErrorKindInfo& InfoOf(ErrorKind kind) {
  const size_t row = static_cast<size_t>(kind);
  return kKinds[row < kErrorKindCount ? row : 0];
}

ErrorKind ErrorKindFromSlug(std::string_view slug) {
  for (size_t row = 1; row < kErrorKindCount; ++row) {
    if (SameText(kKinds[row].slug, slug)) return static_cast<ErrorKind>(row);
  }
  return ErrorKind::kNone;
}

}  // namespace dbgalloc::report
