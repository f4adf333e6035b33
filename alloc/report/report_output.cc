#include "alloc/report/report_output.h"

#include "alloc/os/env.h"
#include "alloc/os/raw_io.h"
#include "alloc/report/sarif_run.h"
#include "runtime_flags/path_pattern.h"

namespace dbgalloc::report {
namespace {

using base::TextWriter;

void WriteDefaultName(TextWriter& out) {
  out.Text("dbgalloc.").Dec(static_cast<uint64_t>(os::ProcessId()));
  out.Text(".txt");
}

// The folder whose files Bazel keeps with a test's results.
std::string_view TestOutputsFolder() {
  if (os::IsSecureExecution()) return {};
  const char* folder = os::GetEnv("TEST_UNDECLARED_OUTPUTS_DIR");
  return folder == nullptr ? std::string_view() : std::string_view(folder);
}

}  // namespace

bool WriteLogPath(const Options& options, TextWriter& out, bool& copy) {
  const std::string_view pattern = options.log_path;
  copy = false;
  if (options.log_sink == LogSinkChoice::kStderr) return false;
  if (!pattern.empty()) {
    runtime_flags::ExpandPath(pattern, os::ProgramName(), os::ProcessId(), out);
    if (!runtime_flags::NamesProcess(pattern)) {
      out.Char('.').Dec(static_cast<uint64_t>(os::ProcessId()));
    }
    return true;
  }
  const std::string_view folder = TestOutputsFolder();
  const bool file_wanted = options.log_sink == LogSinkChoice::kFile;
  if (folder.empty() && !file_wanted) return false;
  if (!folder.empty()) out.Text(folder).Char('/');
  WriteDefaultName(out);
  copy = !file_wanted;
  return true;
}

void ReportOutput::Open(const Options& options, Destination destination) {
  TextWriter path(path_, sizeof(path_) - 1);
  is_copy_ = false;
  to_file_ = destination == Destination::kReports &&
             WriteLogPath(options, path, is_copy_);
  to_standard_error_ =
      destination != Destination::kNowhere && (!to_file_ || is_copy_);
  path_[path.view().size()] = '\0';
  if (!to_file_) return;
  file_ = path.truncated() ? -1 : OpenFile(options);
  if (file_ >= 0) return;
  to_file_ = false;
  Complain("cannot be opened for writing");
}

int ReportOutput::OpenFile(const Options& options) {
  continues_log_ = false;
  if (options.report_format != ReportFormatChoice::kSarif) {
    return os::OpenForAppend(path_);
  }
  return os::OpenToContinue(path_, kSarifTail, continues_log_);
}

// Of a log that continues another, the results alone. The head, being shorter
// than the writer's buffer, comes as a whole.
std::string_view ReportOutput::TextForFile(std::string_view text) {
  if (!continues_log_) return text;
  continues_log_ = false;
  const size_t head = text.find(kSarifHeadEnd);
  if (head == std::string_view::npos) return text;
  os::WriteAll(file_, ",");
  text.remove_prefix(head + kSarifHeadEnd.size());
  return text;
}

// A copy that fails loses nothing, so it fails silently.
void ReportOutput::Complain(std::string_view what) {
  to_standard_error_ = true;
  if (is_copy_) return;
  char buffer[1200];
  TextWriter out(buffer, sizeof(buffer));
  out.Text("==").Dec(static_cast<uint64_t>(os::ProcessId()));
  out.Text("==WARNING: dbgalloc: log_path: ").Text(path_).Char(' ').Text(what);
  out.Text("; the report goes to standard error\n");
  os::WriteAll(os::kStandardError, out.view());
}

void ReportOutput::Write(std::string_view text) {
  if (to_file_ && !os::WriteAll(file_, TextForFile(text))) {
    to_file_ = false;
    os::Close(file_);
    Complain("cannot be written to");
  }
  if (to_standard_error_) os::WriteAll(os::kStandardError, text);
}

void ReportOutput::Close() {
  if (to_file_) os::Close(file_);
  to_file_ = false;
  to_standard_error_ = false;
}

bool ReportOutput::IsTerminal() const {
  return to_standard_error_ && !to_file_ && os::IsTerminal(os::kStandardError);
}

}  // namespace dbgalloc::report
