// Paths of sources as a person knows them, from those that a build wrote down.
#ifndef DBGALLOC_ALLOC_STACK_SOURCE_PATH_H_
#define DBGALLOC_ALLOC_STACK_SOURCE_PATH_H_

#include <cstddef>
#include <string_view>

namespace dbgalloc::stack {

// A path in two parts, to be written one after the other.
struct SourcePath {
  std::string_view folder;  // "" or ends with '/'
  std::string_view rest;
};

// Undoes what Bazel does to paths: /proc/self/cwd/ in front, and the folder
// .../_virtual_includes/<target>/dbgalloc/ in which this project's own headers
// are found. Other paths are left alone.
SourcePath ReadableSourcePath(std::string_view path);

}  // namespace dbgalloc::stack

#endif  // DBGALLOC_ALLOC_STACK_SOURCE_PATH_H_
