#include "alloc/report/report_text.h"

#include "alloc/os/pages.h"
#include "alloc/report/rerun.h"

namespace dbgalloc::report {
namespace {

constexpr std::string_view kCutNote = "\n(the rest is in the raw report)";

// With room for the zero at the end.
size_t BytesFor(size_t capacity) {
  const size_t page = os::PageSize();
  return (capacity + page) / page * page;
}

}  // namespace

void ReportCopy::Start(size_t capacity) {
  *this = {};
  capacity_ = capacity;
  text_ = static_cast<char*>(os::MapPages(BytesFor(capacity), os::PageSize()));
}

void ReportCopy::Append(std::string_view text) {
  if (text_ == nullptr || full_) return;
  for (char c : text) {
    if (c == '\033') in_escape_ = true;
    if (!in_escape_) text_[size_++] = c;
    if (c == 'm') in_escape_ = false;
    if (size_ + kCutNote.size() < capacity_) continue;
    EndWithNote();
    return;
  }
}

void ReportCopy::CutTo(size_t capacity) {
  if (size_ <= capacity) return;
  size_ = capacity - kCutNote.size();
  EndWithNote();
}

void ReportCopy::EndWithNote() {
  full_ = true;
  for (char note : kCutNote) text_[size_++] = note;
  text_[size_] = '\0';
}

void ReportCopy::Release() {
  if (text_ != nullptr) os::ReleasePages(text_, BytesFor(capacity_));
  *this = {};
}

void ReportText::Begin(const Options& options, Destination destination,
                       size_t copy_capacity) {
  writer_ = nullptr;
  output_.Open(options, destination);
  copy_ = {};
  if (copy_capacity > 0) copy_.Start(copy_capacity);
}

void ReportText::OnFlush(void* context, std::string_view text) {
  auto* self = static_cast<ReportText*>(context);
  self->output_.Write(text);
  self->copy_.Append(text);
}

ReportCopy ReportText::End() {
  writer_->Flush();
  writer_ = nullptr;
  if (output_.IsStandardError()) copy_.NoteStandardError();
  output_.Close();
  const ReportCopy copy = copy_;
  copy_ = {};
  return copy;
}

void ReportText::Rescue() {
  if (writer_ != nullptr) {
    const std::string_view text = writer_->view();
    if (!text.empty() && text.back() != '\n') writer_->Char('\n');
    writer_->Flush();
  }
  output_.Close();
}

std::string_view ReportText::Rerun(std::string_view options) {
  base::TextWriter out(rerun_, sizeof(rerun_));
  WriteRerun(out, options);
  return out.view();
}

}  // namespace dbgalloc::report
