// The suppressions of a process: read from where the options and the program
// say, asked for each error, listed at the end.
#ifndef DBGALLOC_ALLOC_REPORT_SUPPRESSION_SOURCE_H_
#define DBGALLOC_ALLOC_REPORT_SUPPRESSION_SOURCE_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "alloc/base/text_writer.h"
#include "alloc/report/frame_source.h"
#include "alloc/report/suppressions.h"
#include "dbgalloc/error_record.h"
#include "dbgalloc/options.h"

namespace dbgalloc::report {

// Rules come from the file that the option `suppressions` names and from the
// program's __dbgalloc_default_suppressions() and __lsan_default_suppressions()
// where it defines them; a few of our own are about programs that everybody has
// (known_leaks.h). The file is looked for as named; a relative one also
// next to the program and in the runfiles of a Bazel target.
//
// Threads: under the report lock. Memory is taken from the kernel, and kept.
class ProcessSuppressions {
 public:
  constexpr ProcessSuppressions() = default;
  ProcessSuppressions(const ProcessSuppressions&) = delete;
  ProcessSuppressions& operator=(const ProcessSuppressions&) = delete;

  // Reads what these options ask for, each text once. A file that cannot be
  // read, or a line that is no rule, is told and ends the process with status
  // 2; with strict_options=0 it is told, and those rules are left out.
  void Load(const Options& options);

  // Whether a rule is about this kind under these options.
  bool Concern(ErrorKind kind, const Options& options) const;

  // The rule that covers an error, or the stack that leaked; null: none. Looks
  // at the stacks of the error itself, not at those of a block that merely lies
  // nearest. An error that comes again with the same stacks costs no look at
  // their names.
  Suppression* Find(const ErrorRecord& record, const Options& options,
                    FrameSource& frames);
  Suppression* FindStack(ErrorKind kind, uint32_t stack, const Options& options,
                         FrameSource& frames);

  // Every rule and what it covered.
  void WriteListing(int process_id, base::TextWriter& out);
  // The rules of files that covered nothing; false, and nothing written: none.
  bool WriteUnused(int process_id, base::TextWriter& out);

 private:
  static constexpr size_t kMaxTexts = 8;

  struct RuleText {
    std::string_view source;  // the file as named, or the function
    bool is_file = false;
    bool is_built_in = false;  // about the first frame of users' code alone
    SuppressionRules rules;
  };

  // What was found for an error; a later one may take its place.
  struct Verdict {
    uint64_t key = 0;  // 0: none
    std::string_view file;
    Suppression* rule = nullptr;
  };
  static constexpr size_t kMaxVerdicts = 256;

  class StackSearch;

  const RuleText* Known(std::string_view source) const;
  void Add(std::string_view source, bool is_file, std::string_view text,
           const Options& options);
  void LoadFile(const Options& options);
  bool Holds(const RuleText& text, const Options& options) const;
  bool ProgramConcerns(ErrorKind kind, const Options& options) const;
  Suppression* Search(const ErrorRecord& record, const Options& options,
                      FrameSource& frames);
  // `is_blamed`: it is the first frame of the user's code.
  Suppression* FindFrame(ErrorKind kind, const FrameDescription& frame,
                         bool is_blamed, const Options& options);

  RuleText texts_[kMaxTexts];
  size_t count_ = 0;
  bool hooks_read_ = false;
  Verdict verdicts_[kMaxVerdicts];
};

}  // namespace dbgalloc::report

#endif  // DBGALLOC_ALLOC_REPORT_SUPPRESSION_SOURCE_H_
