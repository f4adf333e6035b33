// Finds and reads a file that an option names, without malloc.
#ifndef DBGALLOC_ALLOC_REPORT_SUPPRESSION_FILE_H_
#define DBGALLOC_ALLOC_REPORT_SUPPRESSION_FILE_H_

#include <cstddef>
#include <string_view>

namespace dbgalloc::report {

inline constexpr size_t kMaxSuppressionFile = size_t{1} << 20;

// Reads a file as named; a relative one, if need be, next to the program or in
// the runfiles. Returns its size, or a negative errno value; -EFBIG when it is
// longer than `capacity`.
std::ptrdiff_t ReadNamedFile(std::string_view name, char* buffer,
                             size_t capacity);

}  // namespace dbgalloc::report

#endif  // DBGALLOC_ALLOC_REPORT_SUPPRESSION_FILE_H_
