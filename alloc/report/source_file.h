// Lines of the user's source files, found where builds leave them.
#ifndef DBGALLOC_ALLOC_REPORT_SOURCE_FILE_H_
#define DBGALLOC_ALLOC_REPORT_SOURCE_FILE_H_

#include <cstddef>
#include <string_view>

namespace dbgalloc::report {

// Copies line `line` (from 1) of `file` into the buffer, without its end, cut
// to `capacity`. Returns its length; -1 when the file or the line is not there.
//
// Looked for as it is named (from the working directory when it is relative),
// then under the folders of `prefixes` (separated by ':'), where any number of
// the file's leading folders may be missing, then under $RUNFILES_DIR,
// $TEST_SRCDIR and $BUILD_WORKSPACE_DIRECTORY.
// A set-user-id program reads no source: the names come from files that
// another user may own.
std::ptrdiff_t ReadSourceLine(std::string_view prefixes, std::string_view file,
                              int line, char* buffer, size_t capacity);

}  // namespace dbgalloc::report

#endif  // DBGALLOC_ALLOC_REPORT_SOURCE_FILE_H_
