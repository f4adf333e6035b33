// Paths with places to fill in, as include and log_path take them.
#ifndef DBGALLOC_RUNTIME_FLAGS_PATH_PATTERN_H_
#define DBGALLOC_RUNTIME_FLAGS_PATH_PATTERN_H_

#include <string_view>

#include "alloc/base/text_writer.h"

namespace dbgalloc::runtime_flags {

// Writes `pattern` with %b replaced by `program`, %p by `process_id` and %% by
// a single %. Any other % stands for itself.
void ExpandPath(std::string_view pattern, std::string_view program,
                int process_id, base::TextWriter& out);

// Whether %p stands in the pattern.
bool NamesProcess(std::string_view pattern);

}  // namespace dbgalloc::runtime_flags

#endif  // DBGALLOC_RUNTIME_FLAGS_PATH_PATTERN_H_
