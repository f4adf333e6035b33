// One command of the dbgalloc tool.
#ifndef DBGALLOC_TOOLS_CLI_COMMAND_H_
#define DBGALLOC_TOOLS_CLI_COMMAND_H_

#include <string>
#include <vector>

namespace dbgalloc::cli {

struct Command {
  const char* name;
  const char* summary;     // a line for the list of commands
  const char* usage;       // all that --help says, apart from the flags
  const char* flags_file;  // where its gflags are defined
  // `arguments` is what stands behind "--". Returns the exit status.
  int (*run)(const std::vector<std::string>& arguments);
};

}  // namespace dbgalloc::cli

#endif  // DBGALLOC_TOOLS_CLI_COMMAND_H_
