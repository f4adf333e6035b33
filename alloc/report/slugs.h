// Stable names of operations and families, for reports that programs read.
#ifndef DBGALLOC_ALLOC_REPORT_SLUGS_H_
#define DBGALLOC_ALLOC_REPORT_SLUGS_H_

#include <string_view>

#include "dbgalloc/error_record.h"

namespace dbgalloc::report {

// "free", "heap-check".
std::string_view OperationSlug(Operation operation);

// "read", "write".
std::string_view AccessSlug(AccessKind access);

// "malloc", "new-array".
std::string_view OriginSlug(Origin origin);

}  // namespace dbgalloc::report

#endif  // DBGALLOC_ALLOC_REPORT_SLUGS_H_
