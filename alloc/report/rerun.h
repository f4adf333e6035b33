// The command that runs the program again in the same way.
#ifndef DBGALLOC_ALLOC_REPORT_RERUN_H_
#define DBGALLOC_ALLOC_REPORT_RERUN_H_

#include <string_view>

#include "alloc/base/text_writer.h"

namespace dbgalloc::report {

// In a Bazel test "bazel test //x:y ...", else the command line, each with the
// variables that set the options, and with the further `options`. Quoted for a
// shell; long command lines are cut and end in "...".
void WriteRerun(base::TextWriter& out, std::string_view options);

// `text` as one word of a shell, quoted where it must be.
void WriteShellWord(base::TextWriter& out, std::string_view text);

}  // namespace dbgalloc::report

#endif  // DBGALLOC_ALLOC_REPORT_RERUN_H_
