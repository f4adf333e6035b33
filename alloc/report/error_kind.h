// What is fixed about each kind of error: its slug, its weight, its meaning.
#ifndef DBGALLOC_ALLOC_REPORT_ERROR_KIND_H_
#define DBGALLOC_ALLOC_REPORT_ERROR_KIND_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "dbgalloc/error_record.h"

namespace dbgalloc::report {

// An error ends the program by policy; a note only tells.
enum class Severity : uint8_t { kError, kNote };

struct ErrorKindInfo {
  std::string_view slug;  // stable: "double-free"
  Severity severity = Severity::kError;
  std::string_view summary;  // the meaning as a clause
};

// How many kinds there are, kNone counted.
inline constexpr size_t kErrorKindCount = 1
#define DBG_ERROR_KIND(enumerator, slug, severity, summary) +1
#include "dbgalloc/report/error_kinds.inc"
    ;

// The row of a kind; a kind out of range gives the row of kNone.
const ErrorKindInfo& InfoOf(ErrorKind kind);

// The kind with this slug; kNone: there is none.
ErrorKind ErrorKindFromSlug(std::string_view slug);

}  // namespace dbgalloc::report

#endif  // DBGALLOC_ALLOC_REPORT_ERROR_KIND_H_
