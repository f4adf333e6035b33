#include "alloc/report/report_text.h"

#include "alloc/os/pages.h"
#include "alloc/report/rerun.h"

namespace dbgalloc::report {
namespace {

constexpr std::string_view kCutNote = "\n(the rest is in the raw report)";

size_t CopyBytes() {
  const size_t page = os::PageSize();
  return (ReportCopy::kCapacity + page - 1) / page * page;
}

}  // namespace

void ReportCopy::Start() {
  *this = {};
  text_ = static_cast<char*>(os::MapPages(CopyBytes(), os::PageSize()));
}

void ReportCopy::Append(std::string_view text) {
  if (text_ == nullptr || full_) return;
  for (char c : text) {
    if (c == '\033') in_escape_ = true;
    if (!in_escape_) text_[size_++] = c;
    if (c == 'm') in_escape_ = false;
    if (size_ + kCutNote.size() < kCapacity) continue;
    full_ = true;
    for (char note : kCutNote) text_[size_++] = note;
    return;
  }
}

void ReportCopy::Release() {
  if (text_ != nullptr) os::ReleasePages(text_, CopyBytes());
  *this = {};
}

void ReportText::Begin(const Options& options, bool with_copy) {
  writer_ = nullptr;
  output_.Open(options);
  with_copy_ = with_copy;
  copy_ = {};
  if (with_copy) copy_.Start();
}

void ReportText::OnFlush(void* context, std::string_view text) {
  auto* self = static_cast<ReportText*>(context);
  self->output_.Write(text);
  if (self->with_copy_) self->copy_.Append(text);
}

ReportCopy ReportText::End() {
  writer_->Flush();
  writer_ = nullptr;
  output_.Close();
  const ReportCopy copy = copy_;
  copy_ = {};
  return copy;
}

void ReportText::Rescue() {
  if (writer_ != nullptr) writer_->Flush();
  output_.Close();
}

std::string_view ReportText::Rerun() {
  base::TextWriter out(rerun_, sizeof(rerun_));
  WriteRerun(out);
  return out.view();
}

}  // namespace dbgalloc::report
