#include "tools/symbolize/frame_line.h"

#include <regex>

namespace dbgalloc::symbolize {
namespace {

using Match = std::match_results<std::string_view::const_iterator>;

}  // namespace

std::optional<FrameLine> ParseFrameLine(std::string_view line) {
  static const std::regex* const kFrame =
      new std::regex(R"(^( +)#(\d+) (0x[0-9a-f]+)(.*)$)");
  static const std::regex* const kModule = new std::regex(
      R"(^.* \((\S+)\+(0x[0-9a-f]+)\)(?: \(BuildId: ([0-9a-f]+)\))?$)");
  Match frame_match;
  if (!std::regex_match(line.begin(), line.end(), frame_match, *kFrame)) {
    return std::nullopt;
  }
  FrameLine frame;
  frame.indent = frame_match[1];
  frame.number = std::stoull(frame_match[2]);
  frame.program_counter = frame_match[3];
  frame.rest = frame_match[4];
  std::smatch module_match;
  if (std::regex_match(frame.rest, module_match, *kModule)) {
    frame.module = module_match[1];
    frame.offset = std::stoull(module_match[2], nullptr, 16);
    frame.build_id = module_match[3];
  }
  return frame;
}

std::string WriteFrameLine(const FrameLine& frame, uint64_t number,
                           const NamedFrame& named) {
  std::string line =
      frame.indent + "#" + std::to_string(number) + " " + frame.program_counter;
  if (named.file.empty() && named.function.empty()) return line + frame.rest;
  if (!named.function.empty()) line += " in " + named.function;
  if (named.file.empty()) {
    return line + frame.rest.substr(frame.rest.rfind(" (" + frame.module));
  }
  line += " " + named.file + ":" + std::to_string(named.line);
  if (named.column > 0) line += ":" + std::to_string(named.column);
  return line;
}

}  // namespace dbgalloc::symbolize
