// Patterns of names, in the language of LeakSanitizer's suppression files.
#ifndef DBGALLOC_ALLOC_REPORT_NAME_PATTERN_H_
#define DBGALLOC_ALLOC_REPORT_NAME_PATTERN_H_

#include <string_view>

namespace dbgalloc::report {

// Whether the pattern occurs in the text. `*` stands for any characters, a `^`
// at the pattern's beginning for the beginning of the text, a `$` at its end
// for the end of the text; all else stands for itself. An empty text matches
// nothing: a name that is not known is nobody's.
//
// LeakSanitizer takes a `$` anywhere for the end, and gives up when the first
// of several occurrences is not the last; here `$` inside a pattern is a
// character as names of lambdas have it, and the last occurrence counts.
bool MatchesPattern(std::string_view pattern, std::string_view text);

}  // namespace dbgalloc::report

#endif  // DBGALLOC_ALLOC_REPORT_NAME_PATTERN_H_
