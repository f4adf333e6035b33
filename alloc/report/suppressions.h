// Which errors are not to be told: the rules of a suppression file.
//
//   # The library's cache lives as long as the process.
//   leak:^cache::Insert
//   double-free:libodd.so
//   heap-buffer-overflow:src/parse.cc:120
//
// A rule is KIND:PATTERN, one a line, PATTERN as name_pattern.h has it. It
// covers an error of that kind when any frame of the error's stacks has the
// pattern in its function, its file, its FILE:LINE, or the path of its module.
// Reading the file is suppression_source.h.
#ifndef DBGALLOC_ALLOC_REPORT_SUPPRESSIONS_H_
#define DBGALLOC_ALLOC_REPORT_SUPPRESSIONS_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "alloc/base/text_writer.h"
#include "alloc/report/frame_source.h"
#include "dbgalloc/error_record.h"

namespace dbgalloc::report {

struct Suppression {
  ErrorKind kind = ErrorKind::kNone;
  std::string_view pattern;
  uint32_t line = 0;    // where it stands, from 1
  uint64_t errors = 0;  // covered so far; of leaks: blocks
  uint64_t bytes = 0;   // of leaks
};

// Why a line is no rule.
struct SuppressionMistake {
  enum class Reason : uint8_t {
    kNoColon,
    kUnknownKind,
    kNoPattern,
    kControlByte,
    kTooManyRules,
  };
  Reason reason = Reason::kNoColon;
  uint32_t line = 0;
  std::string_view text;  // the line, or the kind that is unknown
};

// "line 3: \"lek\" is no kind of error; did you mean leak?", without an end of
// line.
void WriteSuppressionMistake(const SuppressionMistake& mistake,
                             base::TextWriter& out);

// The rules of one text, in memory of the caller. Not thread-safe.
class SuppressionRules {
 public:
  constexpr SuppressionRules() = default;

  // How many rules a text can hold: what Parse() needs room for.
  static size_t MostRules(std::string_view text);

  // Reads the rules into `room`; both must stay. False: `*mistake` is the first
  // of the text's mistakes, and there are no rules.
  bool Parse(std::string_view text, Suppression* room, size_t capacity,
             SuppressionMistake* mistake);

  // Whether any rule is about this kind: if not, no frame needs a look.
  bool Concern(ErrorKind kind) const;

  // The first rule that covers a frame of an error of this kind; null: none.
  Suppression* Find(ErrorKind kind, const FrameDescription& frame);

  size_t size() const { return size_; }
  Suppression* begin() { return rules_; }
  Suppression* end() { return rules_ + size_; }

 private:
  Suppression* rules_ = nullptr;
  size_t size_ = 0;
};

}  // namespace dbgalloc::report

#endif  // DBGALLOC_ALLOC_REPORT_SUPPRESSIONS_H_
