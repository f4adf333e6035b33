// Where the text of one report goes: standard error, a file, or both.
#ifndef DBGALLOC_ALLOC_REPORT_REPORT_OUTPUT_H_
#define DBGALLOC_ALLOC_REPORT_REPORT_OUTPUT_H_

#include <cstdint>
#include <string_view>

#include "alloc/base/text_writer.h"
#include "dbgalloc/options.h"

namespace dbgalloc::report {

// The file that reports go to under these options; false, and nothing written:
// none. `copy` becomes true when it is a copy besides standard error, as in a
// Bazel test with the default options.
bool WriteLogPath(const Options& options, base::TextWriter& out, bool& copy);

// Descriptions that the program asked for go to standard error whatever the
// options say of reports.
// kNowhere is for text that only its copy is wanted of.
enum class Destination : uint8_t { kReports, kStandardError, kNowhere };

// Opened for each report, so that a file may be moved away between reports and
// no descriptor of the program is held. What cannot go to the file goes to
// standard error, with a line that says why.
class ReportOutput {
 public:
  constexpr ReportOutput() = default;

  void Open(const Options& options,
            Destination destination = Destination::kReports);
  void Write(std::string_view text);
  void Close();

  // Whether the text goes to standard error, perhaps to a file too.
  bool IsStandardError() const { return to_standard_error_; }

  // Whether all of the text goes to a terminal.
  bool IsTerminal() const;

 private:
  int OpenFile(const Options& options);
  std::string_view TextForFile(std::string_view text);
  void Complain(std::string_view what);

  bool to_standard_error_ = false;
  bool to_file_ = false;
  bool is_copy_ = false;
  // The file holds a SARIF log that this report is put into.
  bool continues_log_ = false;
  int file_ = 0;
  char path_[1024] = {};
};

}  // namespace dbgalloc::report

#endif  // DBGALLOC_ALLOC_REPORT_REPORT_OUTPUT_H_
