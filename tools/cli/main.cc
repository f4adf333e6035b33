// dbgalloc COMMAND [flags] [-- arguments]
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "gflags/gflags.h"
#include "gflags/gflags_completions.h"
#include "tools/cli/command.h"
#include "tools/sweep/sweep_command.h"
#include "tools/symbolize/symbolize_command.h"

DECLARE_bool(help);

namespace dbgalloc::cli {
namespace {

constexpr int kUsageError = 2;

const Command kCommands[] = {
    sweep::kSweepCommand,
    {"symbolize", symbolize::kSummary, symbolize::kUsage,
     "tools/symbolize/symbolize_command.cc", &symbolize::RunSymbolize},
};

int ListCommands(std::FILE* out, int status) {
  std::fputs("usage: dbgalloc COMMAND [--flag=value]... [-- arguments]\n\n",
             out);
  for (const Command& command : kCommands) {
    std::fprintf(out, "  %-10s %s\n", command.name, command.summary);
  }
  std::fputs("\ndbgalloc COMMAND --help tells more.\n", out);
  return status;
}

int Help(const Command& command) {
  std::printf("%s\nFlags:\n", command.usage);
  std::vector<gflags::CommandLineFlagInfo> flags;
  gflags::GetAllFlags(&flags);
  for (const gflags::CommandLineFlagInfo& flag : flags) {
    if (flag.filename.find(command.flags_file) == std::string::npos) continue;
    std::printf("%s", gflags::DescribeOneFlag(flag).c_str());
  }
  return 0;
}

int Run(const Command& command, int argc, char** argv) {
  std::vector<std::string> arguments;
  int own = argc;
  for (int i = 0; i < argc; ++i) {
    if (std::strcmp(argv[i], "--") != 0) continue;
    own = i;
    arguments.assign(argv + i + 1, argv + argc);
    break;
  }
  gflags::ParseCommandLineNonHelpFlags(&own, &argv, true);
  if (FLAGS_help) return Help(command);
  if (own > 1) {
    std::fprintf(stderr, "dbgalloc %s: %s stands before \"--\"\n", command.name,
                 argv[1]);
    return kUsageError;
  }
  return command.run(arguments);
}

int Main(int argc, char** argv) {
  if (argc < 2) return ListCommands(stderr, kUsageError);
  const std::string name = argv[1];
  if (name == "--help" || name == "help") return ListCommands(stdout, 0);
  for (const Command& command : kCommands) {
    if (name == command.name) return Run(command, argc - 1, argv + 1);
  }
  std::fprintf(stderr, "dbgalloc: no command is called %s\n", name.c_str());
  return ListCommands(stderr, kUsageError);
}

}  // namespace
}  // namespace dbgalloc::cli

int main(int argc, char** argv) { return dbgalloc::cli::Main(argc, argv); }
