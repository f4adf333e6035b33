// A report with modules and offsets becomes one with functions and lines.
#ifndef DBGALLOC_TOOLS_SYMBOLIZE_REPORT_SYMBOLIZER_H_
#define DBGALLOC_TOOLS_SYMBOLIZE_REPORT_SYMBOLIZER_H_

#include <cstdint>
#include <istream>
#include <map>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "tools/symbolize/debug_file.h"

namespace dbgalloc::symbolize {

// Lines that are no frames, and frames that have their names, pass as they are;
// the numbers of the frames of a stack grow with inlined calls.
class ReportSymbolizer {
 public:
  // `folders`: where files are looked for. `notes`: what was not found.
  ReportSymbolizer(std::vector<std::string> folders, std::ostream& notes)
      : folders_(std::move(folders)), notes_(notes) {}

  void Run(std::istream& report, std::ostream& out);

 private:
  std::vector<NamedFrame> Find(const FrameLine& frame);
  DebugFile* FileOf(const FrameLine& frame);

  std::vector<std::string> folders_;
  std::ostream& notes_;
  // By build id, or by name where there is none. Null: not found.
  std::map<std::string, std::unique_ptr<DebugFile>> files_;
  uint64_t next_number_ = 0;
};

}  // namespace dbgalloc::symbolize

#endif  // DBGALLOC_TOOLS_SYMBOLIZE_REPORT_SYMBOLIZER_H_
