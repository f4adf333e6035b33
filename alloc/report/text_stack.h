// Stacks of the text form: a title, a line for each frame, the line of source
// under the user's first one.
#ifndef DBGALLOC_ALLOC_REPORT_TEXT_STACK_H_
#define DBGALLOC_ALLOC_REPORT_TEXT_STACK_H_

#include "alloc/base/text_writer.h"
#include "alloc/report/frame_source.h"
#include "alloc/report/parties.h"
#include "alloc/report/surroundings.h"

namespace dbgalloc::report {

// Text kept beyond its owner's life; what does not fit is cut.
template <size_t kCapacity>
class KeptText {
 public:
  void Keep(std::string_view text) {
    size_ = text.size() < kCapacity ? text.size() : kCapacity;
    for (size_t i = 0; i < size_; ++i) text_[i] = text[i];
  }
  std::string_view view() const { return {text_, size_}; }
  bool is_whole() const { return size_ < kCapacity; }

 private:
  size_t size_ = 0;
  char text_[kCapacity] = {};
};

// A frame kept beyond its showing: where the summary points.
struct KeptFrame {
  void Keep(const FrameDescription& frame) {
    known = true;
    program_counter = frame.program_counter;
    function.Keep(frame.function);
    file.Keep(frame.file);
    module.Keep(frame.module);
    module_offset = frame.module_offset;
    line = frame.line;
    column = frame.column;
  }

  bool known = false;
  uintptr_t program_counter = 0;
  KeptText<512> function;
  KeptText<512> file;
  KeptText<256> module;
  uint64_t module_offset = 0;
  int line = 0;
  int column = 0;
};

// Working memory of the text form, with the caller because signal stacks are
// small. Used for one report at a time.
struct TextScratch {
  KeptFrame top;
  KeptFrame tops[kMaxParties];  // SARIF names each party's place several times
  char line[1024] = {};
  char name[64] = {};
};

// Writes stacks and remembers the user's first frame of the blamed one.
class StackWriter {
 public:
  StackWriter(const Surroundings& surroundings, TextScratch& scratch,
              base::TextWriter& out)
      : surroundings_(surroundings), scratch_(scratch), out_(out) {
    scratch_.top.known = false;
  }

  // `second free, by thread T2 "worker"`, its frames, and by what they can be
  // named in the next run.
  void WriteParty(const Party& party, bool blamed);
  // The same of somebody who has no part in the error.
  void WriteBystander(const Party& party);

  // `by thread T2 "worker"`.
  void WriteThread(uint32_t thread);

  // `from_fault`: the first program counter is where a signal came.
  void WriteFrames(uint32_t stack, bool blamed, bool from_fault = false);

  // `(operation 60, stack 0x1a2b3c4d)`: what break_at, trace_alloc and bisect
  // take.
  void WriteNames(uint64_t number, uint32_t stack);
  // The same with how long ago it was: `(operation 60, about 400 ms ago, ...`.
  void WriteTimedNames(const HeapEvent& event, uint32_t stack);

 private:
  void WriteTitle(const Party& party);
  void WriteLines(uint32_t stack, bool keep_top, bool from_fault);

  const Surroundings& surroundings_;
  TextScratch& scratch_;
  base::TextWriter& out_;
};

// `SRC.cc:12`, or `MODULE+0xOFF`, then ` in FUNCTION`, as far as known.
void WriteTopFrame(base::TextWriter& out, const KeptFrame& frame);

}  // namespace dbgalloc::report

#endif  // DBGALLOC_ALLOC_REPORT_TEXT_STACK_H_
