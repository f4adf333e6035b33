// The text of one report on its way out: gathered in a large buffer, so that it
// leaves in as few writes as can be, and copied for glog and for the program.
#ifndef DBGALLOC_ALLOC_REPORT_REPORT_TEXT_H_
#define DBGALLOC_ALLOC_REPORT_REPORT_TEXT_H_

#include <cstddef>
#include <string_view>

#include "alloc/base/text_writer.h"
#include "alloc/report/format_text.h"
#include "alloc/report/report_output.h"
#include "dbgalloc/options.h"

namespace dbgalloc::report {

// A report as one message, without colors, in pages of its own: it outlives the
// lock under which it was written.
class ReportCopy {
 public:
  constexpr ReportCopy() = default;

  // Glog cuts messages at 30000 bytes.
  static constexpr size_t kGlogCapacity = size_t{29} << 10;
  // For the program's own callback. Only what is used takes memory.
  static constexpr size_t kCallbackCapacity = size_t{1} << 20;

  // Takes memory; a copy without memory stays empty.
  void Start(size_t capacity);
  void Append(std::string_view text);
  // Shortens it to `capacity` bytes, the note that says so included.
  void CutTo(size_t capacity);
  // A zero byte stands behind a text that is not empty.
  std::string_view view() const { return {text_, size_}; }
  // Whether the report itself went to standard error.
  bool is_on_stderr() const { return is_on_stderr_; }
  void NoteStandardError() { is_on_stderr_ = true; }
  void Release();

 private:
  void EndWithNote();

  char* text_ = nullptr;
  size_t size_ = 0;
  size_t capacity_ = 0;
  bool in_escape_ = false;
  bool full_ = false;
  bool is_on_stderr_ = false;
};

// Buffers, output and working memory of the report that is being written.
//
//   text.Begin(options, Destination::kReports, 0);
//   TextWriter out = text.NewWriter();
//   text.Attach(out);
//   ...
//   ReportCopy copy = text.End();
//
// Threads: under the report lock. All zero at first, so that it takes no room
// in the program's file.
class ReportText {
 public:
  constexpr ReportText() = default;

  // Opens the output. What an earlier report left behind, in a process whose
  // fork interrupted it, is dropped. A `copy_capacity` of 0: no copy.
  void Begin(const Options& options, Destination destination,
             size_t copy_capacity);

  base::TextWriter NewWriter() {
    return base::TextWriter(buffer_, sizeof(buffer_), &OnFlush, this);
  }
  // The writer that End() and Rescue() flush.
  void Attach(base::TextWriter& writer) { writer_ = &writer; }

  // Writes what is left and closes the output. The copy goes to the caller.
  ReportCopy End();

  // Writes what was formatted so far, for a process that is about to die inside
  // a report.
  void Rescue();

  TextScratch& scratch() { return scratch_; }
  // The command that runs the program again, with further options.
  std::string_view Rerun(std::string_view options);
  bool IsTerminal() const { return output_.IsTerminal(); }

 private:
  static void OnFlush(void* context, std::string_view text);

  base::TextWriter* writer_ = nullptr;
  ReportOutput output_;
  ReportCopy copy_;
  TextScratch scratch_;
  char rerun_[2048] = {};
  char buffer_[size_t{64} << 10] = {};
};

}  // namespace dbgalloc::report

#endif  // DBGALLOC_ALLOC_REPORT_REPORT_TEXT_H_
