// Text out of pieces. Abseil would do, but its string types differ between
// language versions, and this code is built with another one than the
// program's own Abseil may be.
#ifndef DBGALLOC_ALLOC_TESTING_JOIN_H_
#define DBGALLOC_ALLOC_TESTING_JOIN_H_

#include <sstream>
#include <string>

namespace dbgalloc {

// Join("a ", 1, '\n') is "a 1\n".
template <typename... Pieces>
std::string Join(const Pieces&... pieces) {
  std::ostringstream text;
  (text << ... << pieces);
  return text.str();
}

}  // namespace dbgalloc

#endif  // DBGALLOC_ALLOC_TESTING_JOIN_H_
