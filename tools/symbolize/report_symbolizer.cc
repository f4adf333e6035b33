#include "tools/symbolize/report_symbolizer.h"

#include <optional>

#include "tools/symbolize/module_file.h"

namespace dbgalloc::symbolize {

void ReportSymbolizer::Run(std::istream& report, std::ostream& out) {
  std::string line;
  while (std::getline(report, line)) {
    const std::optional<FrameLine> frame = ParseFrameLine(line);
    if (!frame) {
      out << line << '\n';
      continue;
    }
    if (frame->number == 0) next_number_ = 0;
    for (const NamedFrame& named : Find(*frame)) {
      out << WriteFrameLine(*frame, next_number_++, named) << '\n';
    }
  }
}

// At least one; without names where none are known.
std::vector<NamedFrame> ReportSymbolizer::Find(const FrameLine& frame) {
  std::vector<NamedFrame> found;
  DebugFile* file = frame.module.empty() ? nullptr : FileOf(frame);
  if (file != nullptr) found = file->Find(frame.offset);
  if (found.empty()) found.emplace_back();
  return found;
}

DebugFile* ReportSymbolizer::FileOf(const FrameLine& frame) {
  const std::string& key =
      frame.build_id.empty() ? frame.module : frame.build_id;
  const auto known = files_.find(key);
  if (known != files_.end()) return known->second.get();
  const std::string path =
      FindModuleFile(frame.module, frame.build_id, folders_);
  std::unique_ptr<DebugFile>& file = files_[key];
  if (!path.empty()) {
    file = std::make_unique<DebugFile>(path);
  } else {
    notes_ << "dbgalloc symbolize: no file for " << frame.module;
    if (!frame.build_id.empty()) notes_ << " with build id " << frame.build_id;
    notes_ << '\n';
  }
  return file.get();
}

}  // namespace dbgalloc::symbolize
