// dbgalloc symbolize: names the frames of a report that was made where their
// debug information was not at hand.
#ifndef DBGALLOC_TOOLS_SYMBOLIZE_SYMBOLIZE_COMMAND_H_
#define DBGALLOC_TOOLS_SYMBOLIZE_SYMBOLIZE_COMMAND_H_

#include <string>
#include <vector>

namespace dbgalloc::symbolize {

inline constexpr char kSummary[] =
    "names the frames of a report: MODULE+0xOFF (BuildId: ID)";
inline constexpr char kUsage[] =
    "usage: dbgalloc symbolize [--debug_path=FOLDER:FOLDER] [-- REPORT...]\n"
    "\n"
    "Reads reports (standard input without any) and writes them to standard\n"
    "output, with function, file, line and inlined calls in place of module\n"
    "and offset. Files are found by build id: below the folders as\n"
    ".build-id/0f/1e2d3c.debug or by the module's name, else where the report\n"
    "says that the module was. Frames whose file is not found stay as they\n"
    "are, with a note on standard error, and the exit status is 0 all the\n"
    "same. Exit status 2: a report cannot be read.\n";

// `arguments`: the reports. Returns the exit status.
int RunSymbolize(const std::vector<std::string>& arguments);

}  // namespace dbgalloc::symbolize

#endif  // DBGALLOC_TOOLS_SYMBOLIZE_SYMBOLIZE_COMMAND_H_
