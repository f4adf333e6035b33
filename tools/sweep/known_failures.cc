#include <fstream>
#include <sstream>

#include "alloc/report/name_pattern.h"
#include "tools/sweep/results.h"

namespace dbgalloc::sweep {
namespace {

bool IsVerdict(const std::string& word) {
  for (int i = 0; i < kVerdicts; ++i) {
    if (word == SlugOf(static_cast<Verdict>(i))) return true;
  }
  return word == "*";
}

bool Matches(const std::string& pattern, const std::vector<Frame>& stack) {
  for (const Frame& frame : stack) {
    if (report::MatchesPattern(pattern, frame.function) ||
        report::MatchesPattern(pattern, frame.file) ||
        report::MatchesPattern(pattern, frame.module)) {
      return true;
    }
  }
  return false;
}

}  // namespace

bool IsFinding(const PointResult& point) {
  return point.verdict != Verdict::kHandled && !point.known;
}

std::string KnownFailures::Load(const std::string& path) {
  std::ifstream file(path);
  if (!file) return path + " cannot be read";
  int number = 0;
  for (std::string text; std::getline(file, text);) {
    ++number;
    std::istringstream words(text.substr(0, text.find('#')));
    Line line;
    if (!(words >> line.verdict)) continue;
    std::getline(words >> std::ws, line.pattern);
    line.pattern.erase(line.pattern.find_last_not_of(" \t\r") + 1);
    if (!IsVerdict(line.verdict) || line.pattern.empty()) {
      return path + ":" + std::to_string(number) +
             ": expected a verdict and a pattern";
    }
    lines_.push_back(line);
  }
  return {};
}

bool KnownFailures::Covers(const PointResult& point) {
  for (Line& line : lines_) {
    const bool fits =
        line.verdict == "*" || line.verdict == SlugOf(point.verdict);
    if (!fits || !Matches(line.pattern, point.stack)) continue;
    line.used = true;
    return true;
  }
  return false;
}

std::vector<std::string> KnownFailures::Unused() const {
  std::vector<std::string> unused;
  for (const Line& line : lines_) {
    if (!line.used) unused.push_back(line.verdict + " " + line.pattern);
  }
  return unused;
}

}  // namespace dbgalloc::sweep
