// What a report tells besides the error itself: who, where, under which
// options. All of it optional, so that a freestanding program can leave it out
// and a test can make it up.
#ifndef DBGALLOC_ALLOC_REPORT_SURROUNDINGS_H_
#define DBGALLOC_ALLOC_REPORT_SURROUNDINGS_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "alloc/base/text_writer.h"
#include "alloc/report/frame_source.h"

namespace dbgalloc::report {

// Room for what NameAddress() says; a module's path is the long part.
inline constexpr size_t kMaxAddressName = 2048;

// The process as reports speak of it.
class HostView {
 public:
  // Copies a line of a source file, without its end, into the buffer and
  // returns its length; -1 when it cannot be read.
  virtual std::ptrdiff_t ReadSourceLine(std::string_view file, int line,
                                        char* buffer, size_t capacity) = 0;

  // Copies the name of a thread into the buffer and returns its length; 0 when
  // it has none.
  virtual size_t ThreadName(uint32_t thread, char* buffer, size_t capacity) = 0;

  // Says what an address outside every block is: "on the stack of this
  // thread". At most kMaxAddressName bytes, since it may name a module by its
  // whole path. False, and nothing written: not known.
  virtual bool NameAddress(uintptr_t address, base::TextWriter& out) = 0;

 protected:
  ~HostView() = default;
};

struct Surroundings {
  int process_id = 0;
  FrameSource* frames = nullptr;
  HostView* host = nullptr;
  // The command that runs the program again in the same way; empty: unknown.
  std::string_view rerun;
  // Whether the report shows the line that would suppress it.
  bool shows_suppression = false;
  bool color = false;
};

}  // namespace dbgalloc::report

#endif  // DBGALLOC_ALLOC_REPORT_SURROUNDINGS_H_
