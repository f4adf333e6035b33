#include "tools/symbolize/symbolize_command.h"

#include <fstream>
#include <iostream>
#include <sstream>

#include "gflags/gflags.h"
#include "tools/symbolize/report_symbolizer.h"

DEFINE_string(debug_path, "/usr/lib/debug",
              "folders in which files are looked for, separated by ':'");

namespace dbgalloc::symbolize {
namespace {

constexpr int kCannotRead = 2;

std::vector<std::string> Folders() {
  std::vector<std::string> folders;
  std::istringstream list(FLAGS_debug_path);
  std::string folder;
  while (std::getline(list, folder, ':')) {
    if (!folder.empty()) folders.push_back(folder);
  }
  return folders;
}

}  // namespace

int RunSymbolize(const std::vector<std::string>& arguments) {
  ReportSymbolizer symbolizer(Folders(), std::cerr);
  if (arguments.empty()) symbolizer.Run(std::cin, std::cout);
  for (const std::string& path : arguments) {
    std::ifstream report(path);
    if (!report) {
      std::cerr << "dbgalloc symbolize: " << path << " cannot be read\n";
      return kCannotRead;
    }
    symbolizer.Run(report, std::cout);
  }
  return 0;
}

}  // namespace dbgalloc::symbolize
