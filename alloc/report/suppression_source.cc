#include "alloc/report/suppression_source.h"

#include <errno.h>

#include "alloc/os/pages.h"
#include "alloc/os/raw_io.h"
#include "alloc/os/weak_reference.h"
#include "alloc/report/error_kind.h"
#include "alloc/report/known_leaks.h"
#include "alloc/report/parties.h"
#include "alloc/report/repeats.h"
#include "alloc/report/suppression_file.h"
#include "alloc/report/user_frame.h"
#include "alloc/report/words.h"

// Defined by the program; found from a shared library that holds this file only
// when the reference is visible.
extern "C" DBGALLOC_WEAK_REFERENCE const char*
__dbgalloc_default_suppressions();
extern "C" DBGALLOC_WEAK_REFERENCE const char* __lsan_default_suppressions();

namespace dbgalloc::report {
namespace {

using base::TextWriter;

constexpr int kMistakeStatus = 2;

size_t WholePages(size_t bytes) {
  const size_t page = os::PageSize();
  return (bytes + page - 1) / page * page;
}

void* TakeMemory(size_t bytes) {
  return os::MapPages(WholePages(bytes), os::PageSize());
}

// Tells a mistake in one write, and ends the process unless options are lax.
class Complaint {
 public:
  Complaint(const Options& options, std::string_view source)
      : strict_(options.strict_options), out_(buffer_, sizeof(buffer_) - 1) {
    out_.Text(strict_ ? "dbgalloc: error: " : "dbgalloc: warning: ");
    out_.Text("suppressions: ");
    WriteForeign(out_, source);
    out_.Text(": ");
  }
  TextWriter& out() { return out_; }
  void Tell() {
    const size_t size = out_.view().size();
    buffer_[size] = '\n';
    os::WriteAll(os::kStandardError, {buffer_, size + 1});
    if (strict_) os::ExitNow(kMistakeStatus);
  }

 private:
  bool strict_;
  char buffer_[2048];
  TextWriter out_;
};

void WriteWhyUnreadable(std::ptrdiff_t error, TextWriter& out) {
  switch (error) {
    case -ENOENT:
      out.Text(
          "there is no such file, here, next to the program, or in the "
          "runfiles");
      return;
    case -EFBIG:
      out.Text("the file is longer than ").Dec(kMaxSuppressionFile);
      out.Text(" bytes");
      return;
    default:
      out.Text("cannot be read (error ").Dec(static_cast<uint64_t>(-error));
      out.Char(')');
  }
}

std::string_view TextOf(const char* (*function)()) {
  const char* text = function == nullptr ? nullptr : function();
  return text == nullptr ? std::string_view() : std::string_view(text);
}

// The stacks of the error itself.
bool IsSearched(const ErrorRecord& record, PartyRole role) {
  return record.kind != ErrorKind::kInvalidFree || role == PartyRole::kNow;
}

void WriteHead(int process_id, std::string_view severity, TextWriter& out) {
  out.Text("==").Dec(static_cast<uint64_t>(process_id)).Text("==");
  out.Text(severity).Text(": dbgalloc: suppressions of ");
}

void WriteRule(const Suppression& rule, TextWriter& out) {
  out.Text("    line ").Dec(rule.line).Text(": ");
  out.Text(InfoOf(rule.kind).slug).Char(':');
  WriteForeign(out, rule.pattern);
}

void WriteUse(const Suppression& rule, TextWriter& out) {
  if (rule.errors == 0) {
    out.Text(": unused");
  } else if (rule.kind == ErrorKind::kLeak) {
    WriteCount(out.Text(": "), rule.errors, "block", "blocks");
    WriteCount(out.Text(", "), rule.bytes, "byte", "bytes");
  } else {
    WriteCount(out.Text(": "), rule.errors, "error", "errors");
  }
}

}  // namespace

// Looks for a rule in frame after frame.
class ProcessSuppressions::StackSearch final : public FrameVisitor {
 public:
  StackSearch(ProcessSuppressions& suppressions, ErrorKind kind,
              const Options& options)
      : suppressions_(suppressions), kind_(kind), options_(options) {}

  void OnFrame(const FrameDescription& frame) override {
    if (found_ != nullptr || IsHiddenFrame(frame)) return;
    const bool is_blamed = !user_seen_ && IsUserFrame(frame);
    user_seen_ = user_seen_ || is_blamed;
    found_ = suppressions_.FindFrame(kind_, frame, is_blamed, options_);
  }

  Suppression* found() const { return found_; }

 private:
  ProcessSuppressions& suppressions_;
  const ErrorKind kind_;
  const Options& options_;
  Suppression* found_ = nullptr;
  bool user_seen_ = false;
};

const ProcessSuppressions::RuleText* ProcessSuppressions::Known(
    std::string_view source) const {
  for (size_t i = 0; i < count_; ++i) {
    if (texts_[i].source == source) return &texts_[i];
  }
  return nullptr;
}

void ProcessSuppressions::Add(std::string_view source, bool is_file,
                              std::string_view text, const Options& options) {
  if (text.empty() && !is_file) return;
  Complaint complaint(options, source);
  if (count_ == kMaxTexts) {
    complaint.out().Text("one text more than a process can have");
    complaint.Tell();
    return;
  }
  RuleText& added = texts_[count_++];
  added.source = source;
  added.is_file = is_file;
  const size_t most = SuppressionRules::MostRules(text);
  auto* room =
      static_cast<Suppression*>(TakeMemory(most * sizeof(Suppression)));
  SuppressionMistake mistake;
  if (added.rules.Parse(text, room, room == nullptr ? 0 : most, &mistake)) {
    return;
  }
  WriteSuppressionMistake(mistake, complaint.out());
  complaint.Tell();
}

// The name is kept behind the text: the options' own may go.
void ProcessSuppressions::LoadFile(const Options& options) {
  const std::string_view name = options.suppressions;
  if (name.empty() || Known(name) != nullptr) return;
  auto* text =
      static_cast<char*>(TakeMemory(kMaxSuppressionFile + name.size()));
  const std::ptrdiff_t size =
      text == nullptr ? -ENOMEM
                      : ReadNamedFile(name, text, kMaxSuppressionFile);
  if (size < 0) {
    Complaint complaint(options, name);
    WriteWhyUnreadable(size, complaint.out());
    complaint.Tell();
  }
  if (text == nullptr) return;
  name.copy(text + kMaxSuppressionFile, name.size());
  Add({text + kMaxSuppressionFile, name.size()}, /*is_file=*/true,
      {text, size < 0 ? 0 : static_cast<size_t>(size)}, options);
}

void ProcessSuppressions::Load(const Options& options) {
  if (!hooks_read_) {
    hooks_read_ = true;
    Add("__dbgalloc_default_suppressions", /*is_file=*/false,
        TextOf(&__dbgalloc_default_suppressions), options);
    Add("__lsan_default_suppressions", /*is_file=*/false,
        TextOf(&__lsan_default_suppressions), options);
    Add("dbgalloc itself", /*is_file=*/false, kKnownLeaks, options);
    texts_[count_ - 1].is_built_in = true;
  }
  LoadFile(options);
}

bool ProcessSuppressions::Holds(const RuleText& text,
                                const Options& options) const {
  return !text.is_file || text.source == options.suppressions.value();
}

// Our own list names modules alone: where there is nothing else, a program of
// the system that loses memory ends without its symbols being read.
bool ProcessSuppressions::ProgramConcerns(ErrorKind kind,
                                          const Options& options) const {
  for (size_t i = 0; i < count_; ++i) {
    const RuleText& text = texts_[i];
    if (text.is_built_in || !Holds(text, options)) continue;
    if (text.rules.Concern(kind)) return true;
  }
  return false;
}

bool ProcessSuppressions::Concern(ErrorKind kind,
                                  const Options& options) const {
  for (size_t i = 0; i < count_; ++i) {
    if (Holds(texts_[i], options) && texts_[i].rules.Concern(kind)) return true;
  }
  return false;
}

Suppression* ProcessSuppressions::FindFrame(ErrorKind kind,
                                            const FrameDescription& frame,
                                            bool is_blamed,
                                            const Options& options) {
  for (size_t i = 0; i < count_; ++i) {
    if (!Holds(texts_[i], options)) continue;
    if (texts_[i].is_built_in && !is_blamed) continue;
    Suppression* found = texts_[i].rules.Find(kind, frame);
    if (found != nullptr) return found;
  }
  return nullptr;
}

Suppression* ProcessSuppressions::FindStack(ErrorKind kind, uint32_t stack,
                                            const Options& options,
                                            FrameSource& frames) {
  StackSearch search(*this, kind, options);
  const uintptr_t* counters = nullptr;
  const size_t count = frames.Find(stack, &counters);
  if (!ProgramConcerns(kind, options)) {
    StackSearch modules(*this, kind, options);
    for (size_t i = 0; i < count && modules.found() == nullptr; ++i) {
      frames.DescribeModule(counters[i], modules);
    }
    if (modules.found() != nullptr) return modules.found();
  }
  for (size_t i = 0; i < count && search.found() == nullptr; ++i) {
    frames.Describe(counters[i], CounterKind::kCall, search);
  }
  return search.found();
}

Suppression* ProcessSuppressions::Find(const ErrorRecord& record,
                                       const Options& options,
                                       FrameSource& frames) {
  if (!Concern(record.kind, options)) return nullptr;
  const uint64_t key = ErrorKey(record);
  Verdict& verdict = verdicts_[key % kMaxVerdicts];
  const RuleText* file = Known(options.suppressions);
  const std::string_view name = file == nullptr ? "" : file->source;
  if (verdict.key != key || verdict.file != name) {
    verdict = {key, name, Search(record, options, frames)};
  }
  return verdict.rule;
}

Suppression* ProcessSuppressions::Search(const ErrorRecord& record,
                                         const Options& options,
                                         FrameSource& frames) {
  const Parties parties = PartiesOf(record);
  for (size_t i = 0; i < parties.count; ++i) {
    if (!IsSearched(record, parties.list[i].role)) continue;
    Suppression* found =
        FindStack(record.kind, parties.list[i].event.stack, options, frames);
    if (found != nullptr) return found;
  }
  return nullptr;
}

void ProcessSuppressions::WriteListing(int process_id, TextWriter& out) {
  for (size_t i = 0; i < count_; ++i) {
    uint64_t used = 0;
    for (const Suppression& rule : texts_[i].rules) used += rule.errors > 0;
    if (texts_[i].is_built_in && used == 0) continue;
    WriteHead(process_id, "NOTE", out);
    WriteForeign(out, texts_[i].source);
    out.Text(": ").Dec(used).Text(" of ").Dec(texts_[i].rules.size());
    out.Text(" used\n");
    for (const Suppression& rule : texts_[i].rules) {
      if (texts_[i].is_built_in && rule.errors == 0) continue;
      WriteRule(rule, out);
      WriteUse(rule, out);
      out.Char('\n');
    }
  }
  out.Flush();
}

bool ProcessSuppressions::WriteUnused(int process_id, TextWriter& out) {
  bool any = false;
  for (size_t i = 0; i < count_; ++i) {
    bool is_first = true;
    for (const Suppression& rule : texts_[i].rules) {
      if (!texts_[i].is_file || rule.errors > 0) continue;
      if (is_first) {
        WriteHead(process_id, "ERROR", out);
        WriteForeign(out, texts_[i].source);
        out.Text(" that covered nothing:\n");
      }
      is_first = false;
      any = true;
      WriteRule(rule, out);
      out.Char('\n');
    }
  }
  out.Flush();
  return any;
}

}  // namespace dbgalloc::report
