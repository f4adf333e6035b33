// Names and lines from the debug information of a file that does not run here:
// the same reader that reports use, on the ordinary heap.
#ifndef DBGALLOC_TOOLS_SYMBOLIZE_DEBUG_FILE_H_
#define DBGALLOC_TOOLS_SYMBOLIZE_DEBUG_FILE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "tools/symbolize/frame_line.h"

struct backtrace_state;

namespace dbgalloc::symbolize {

// Threads: one at a time. Memory: what was read stays until the process ends.
class DebugFile {
 public:
  explicit DebugFile(const std::string& path);

  // The functions at an offset as reports print it, a return address; the
  // innermost inlined one first. Empty: nothing is known.
  std::vector<NamedFrame> Find(uint64_t offset);

 private:
  std::string path_;  // the reader keeps a pointer to it
  uint64_t bias_ = 0;
  backtrace_state* state_ = nullptr;
};

}  // namespace dbgalloc::symbolize

#endif  // DBGALLOC_TOOLS_SYMBOLIZE_DEBUG_FILE_H_
