// What stands in a source file where a frame says that it is: columns against
// the truth.
#ifndef DBGALLOC_ALLOC_STACK_SOURCE_COLUMN_H_
#define DBGALLOC_ALLOC_STACK_SOURCE_COLUMN_H_

#include <gtest/gtest.h>

#include <cctype>
#include <fstream>
#include <string>

#include "alloc/stack/symbolizer.h"

namespace dbgalloc::stack {

// The name of the function that is called at the frame's column; the file must
// be among the test's data. GCC means the parenthesis, Clang the name.
inline std::string CalledAt(const SymbolFrame& frame) {
  std::ifstream file(frame.file);
  std::string line;
  for (int i = 0; i < frame.line; ++i) std::getline(file, line);
  const auto is_letter = [&line](size_t at) {
    return at < line.size() && (isalnum(line[at]) != 0 || line[at] == '_');
  };
  EXPECT_GT(frame.column, 0) << line;
  size_t begin = static_cast<size_t>(frame.column) - 1;
  if (!is_letter(begin)) {
    while (begin > 0 && is_letter(begin - 1)) --begin;
  }
  size_t end = begin;
  while (is_letter(end)) ++end;
  return line.substr(begin, end - begin);
}

}  // namespace dbgalloc::stack

#endif  // DBGALLOC_ALLOC_STACK_SOURCE_COLUMN_H_
