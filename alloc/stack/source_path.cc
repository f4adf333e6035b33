#include "alloc/stack/source_path.h"

namespace dbgalloc::stack {
namespace {

constexpr std::string_view kWorkingDirectory = "/proc/self/cwd/";
constexpr std::string_view kVirtualIncludes = "_virtual_includes/";
constexpr std::string_view kOutput = "bazel-out/";
constexpr std::string_view kBinaries = "/bin/";
constexpr std::string_view kPrefix = "dbgalloc/";

bool SkipPrefix(std::string_view* text, std::string_view prefix) {
  if (text->substr(0, prefix.size()) != prefix) return false;
  text->remove_prefix(prefix.size());
  return true;
}

// "bazel-out/k8-opt/bin/alloc/" is the folder "alloc/".
std::string_view WithoutOutputFolder(std::string_view folder) {
  if (folder.substr(0, kOutput.size()) != kOutput) return folder;
  const size_t binaries = folder.find(kBinaries);
  if (binaries == std::string_view::npos) return folder;
  folder.remove_prefix(binaries + kBinaries.size());
  return folder;
}

}  // namespace

SourcePath ReadableSourcePath(std::string_view path) {
  SkipPrefix(&path, kWorkingDirectory);
  const size_t includes = path.find(kVirtualIncludes);
  if (includes == std::string_view::npos) return {{}, path};
  std::string_view rest = path;
  rest.remove_prefix(includes + kVirtualIncludes.size());
  const size_t target_end = rest.find('/');
  if (target_end == std::string_view::npos) return {{}, path};
  rest.remove_prefix(target_end + 1);
  if (!SkipPrefix(&rest, kPrefix)) return {{}, path};
  return {WithoutOutputFolder(path.substr(0, includes)), rest};
}

}  // namespace dbgalloc::stack
