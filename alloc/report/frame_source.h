// Stacks as formats see them: ids turn into program counters, program counters
// into lines of source. Behind an interface, so that formats run on made-up
// frames in tests and without symbols in freestanding programs.
#ifndef DBGALLOC_ALLOC_REPORT_FRAME_SOURCE_H_
#define DBGALLOC_ALLOC_REPORT_FRAME_SOURCE_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace dbgalloc::report {

// One line of a trace. What is not known is empty or 0. Valid only while it is
// being shown.
struct FrameDescription {
  uintptr_t program_counter = 0;
  std::string_view function;
  std::string_view file;
  int line = 0;
  int column = 0;
  std::string_view module;
  uint64_t module_offset = 0;
  std::string_view build_id;
};

// Takes the lines of one program counter, innermost inlined call first.
class FrameVisitor {
 public:
  virtual void OnFrame(const FrameDescription& frame) = 0;

 protected:
  ~FrameVisitor() = default;
};

// What a program counter points at.
enum class CounterKind : uint8_t {
  kCall,   // the instruction behind a call: the frame is doing the call
  kFault,  // the very instruction that did it
};

class FrameSource {
 public:
  // Points `counters` at the program counters of a stack, innermost first, and
  // returns how many; 0 when the id is not known. They stay valid.
  virtual size_t Find(uint32_t stack, const uintptr_t** counters) = 0;

  // The name of a stack that is the same in each run of the program, for
  // break_at, trace_alloc and bisect; 0 when the id is not known.
  virtual uint32_t HashOf(uint32_t stack) = 0;

  // Shows the visitor at least one line for a program counter. The only
  // function here that reads files, and so might crash.
  virtual void Describe(uintptr_t program_counter, CounterKind kind,
                        FrameVisitor& visitor) = 0;

  // Shows one line with the module, if that is cheaper than all of it.
  virtual void DescribeModule(uintptr_t program_counter,
                              FrameVisitor& visitor) {
    Describe(program_counter, CounterKind::kCall, visitor);
  }

 protected:
  ~FrameSource() = default;
};

}  // namespace dbgalloc::report

#endif  // DBGALLOC_ALLOC_REPORT_FRAME_SOURCE_H_
