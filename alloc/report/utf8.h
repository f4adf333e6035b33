// Text from anywhere, character by character: formats that must be valid UTF-8
// replace what is not.
#ifndef DBGALLOC_ALLOC_REPORT_UTF8_H_
#define DBGALLOC_ALLOC_REPORT_UTF8_H_

#include <cstddef>
#include <string_view>

namespace dbgalloc::report {

// How many bytes the character at the front of a text that is not empty takes;
// 0: none stands there, or not whole, or not in the shortest form, or it is a
// surrogate.
size_t CharacterLength(std::string_view text);

}  // namespace dbgalloc::report

#endif  // DBGALLOC_ALLOC_REPORT_UTF8_H_
