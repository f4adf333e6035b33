// What can be wrong with an option string, as data, and the sentence that says
// so: what is wrong, what was expected, where it stands, what was likely meant.
#ifndef DBGALLOC_RUNTIME_FLAGS_OPTION_MISTAKE_H_
#define DBGALLOC_RUNTIME_FLAGS_OPTION_MISTAKE_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "alloc/base/text_writer.h"
#include "dbgalloc/options.h"
#include "runtime_flags/flag_table.h"

namespace dbgalloc::runtime_flags {

// A place in an option string.
struct OptionPlace {
  OptionSource source = OptionSource::kDefault;
  std::string_view file;  // kFile: its path
  unsigned line = 0;      // kFile: from 1
};

// One name=value pair of an option string.
struct OptionSetting {
  OptionPlace place;
  std::string_view text;  // as written
  std::string_view name;
  std::string_view value;
  size_t offset = 0;               // of `text` in the string or file
  const FlagInfo* flag = nullptr;  // null: no flag has this name
};

enum class MistakeKind : uint8_t {
  kUnknownName,
  kBadValue,
  kNoEquals,
  kNoName,
  kOpenQuote,
  kTextAfterQuote,
  kControlByte,
  // The rest concern included files.
  kUnreadableFile,  // error_number says why
  kFileTooLarge,    // limit: bytes
  kFileIncludesItself,
  kTooManyNested,  // limit: files inside one another
  kTooManyFiles,   // limit: files in all
  kPathTooLong,    // limit: bytes
};

struct OptionMistake {
  MistakeKind kind = MistakeKind::kUnknownName;
  OptionSetting setting;
  int error_number = 0;
  size_t limit = 0;
};

// "DBGALLOC_OPTIONS", "/tmp/options:3", ...
void WritePlace(const OptionPlace& place, base::TextWriter& out);

// One sentence, without a prefix and without a newline.
void WriteMistake(const OptionMistake& mistake, base::TextWriter& out);

}  // namespace dbgalloc::runtime_flags

#endif  // DBGALLOC_RUNTIME_FLAGS_OPTION_MISTAKE_H_
