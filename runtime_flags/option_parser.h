// From an option string to an Options. Pure: files are the listener's business,
// and so is what becomes of mistakes.
//
//   string -> OptionLexer -> name, value -> flag table -> Options
//                  \________________\______________\___-> OptionListener
#ifndef DBGALLOC_RUNTIME_FLAGS_OPTION_PARSER_H_
#define DBGALLOC_RUNTIME_FLAGS_OPTION_PARSER_H_

#include <cstddef>
#include <string_view>

#include "dbgalloc/options.h"
#include "runtime_flags/flag_table.h"
#include "runtime_flags/option_mistake.h"

namespace dbgalloc::runtime_flags {

// What happens while a string is read. A null function is not called.
struct OptionListener {
  void* context = nullptr;
  // Something is wrong with a pair; it is left out.
  void (*on_mistake)(void* context, const OptionMistake& mistake) = nullptr;
  // `flag` was set by what stands at `place`.
  void (*on_set)(void* context, const FlagInfo& flag,
                 const OptionPlace& place) = nullptr;
  // include or include_if_exists names the file `setting.value`: its settings
  // belong here. Returns how many mistakes were met in it.
  size_t (*on_include)(void* context, const OptionSetting& setting,
                       Options* options) = nullptr;
};

// Applies every pair that is in order, and tells the listener of every other.
// Returns how many those were. `place` says where the string comes from; in a
// file, '#' starts a comment.
size_t ApplyOptions(std::string_view text, const OptionPlace& place,
                    const OptionListener& listener, Options* options);

// All or nothing: with a single mistake *options stays as it was, and the
// result is false.
bool ParseOptions(std::string_view text, const OptionPlace& place,
                  const OptionListener& listener, Options* options);

}  // namespace dbgalloc::runtime_flags

#endif  // DBGALLOC_RUNTIME_FLAGS_OPTION_PARSER_H_
