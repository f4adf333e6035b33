// A frame as a report prints it where nothing but the module is known:
//
//       #2 0x7f3a in Name (/lib/libx.so+0x2724a) (BuildId: 0f1e2d3c)
#ifndef DBGALLOC_TOOLS_SYMBOLIZE_FRAME_LINE_H_
#define DBGALLOC_TOOLS_SYMBOLIZE_FRAME_LINE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace dbgalloc::symbolize {

struct FrameLine {
  std::string indent;
  uint64_t number = 0;
  std::string program_counter;  // as it stands there
  std::string module;           // "" where the frame has its file already
  uint64_t offset = 0;
  std::string build_id;  // "" where the module has none
  std::string rest;      // what stands behind the program counter
};

// Nullopt: the line is no frame.
std::optional<FrameLine> ParseFrameLine(std::string_view line);

// One function at a frame, as text.
struct NamedFrame {
  std::string function;
  std::string file;  // "": not known
  int line = 0;
  int column = 0;
};

// The line of a function at `frame`, with this number, as a report that was
// symbolized at once has it.
std::string WriteFrameLine(const FrameLine& frame, uint64_t number,
                           const NamedFrame& named);

}  // namespace dbgalloc::symbolize

#endif  // DBGALLOC_TOOLS_SYMBOLIZE_FRAME_LINE_H_
