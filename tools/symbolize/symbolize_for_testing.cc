// The command alone: symbolize [--flag=value]... [-- REPORT...]
#include <cstring>
#include <string>
#include <vector>

#include "gflags/gflags.h"
#include "tools/symbolize/symbolize_command.h"

int main(int argc, char** argv) {
  std::vector<std::string> reports;
  int own = argc;
  for (int i = argc - 1; i > 0; --i) {
    if (std::strcmp(argv[i], "--") != 0) continue;
    reports.assign(argv + i + 1, argv + argc);
    own = i;
  }
  gflags::ParseCommandLineFlags(&own, &argv, true);
  return dbgalloc::symbolize::RunSymbolize(reports);
}
