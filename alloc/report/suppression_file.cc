#include "alloc/report/suppression_file.h"

#include <errno.h>

#include "alloc/base/text_writer.h"
#include "alloc/os/env.h"
#include "alloc/os/raw_io.h"

namespace dbgalloc::report {
namespace {

constexpr size_t kMaxPath = 4096;

std::string_view EnvironmentText(const char* name) {
  const char* value = os::GetEnv(name);
  return value == nullptr ? std::string_view() : std::string_view(value);
}

// One attempt after the other, until one finds the file.
class Search {
 public:
  Search(std::string_view name, char* buffer, size_t capacity)
      : name_(name), buffer_(buffer), capacity_(capacity) {}

  // Tries folder/middle/name; empty parts are left out. False: not there.
  bool Try(std::string_view folder, std::string_view middle) {
    char path[kMaxPath];
    base::TextWriter out(path, sizeof(path) - 1);
    if (!folder.empty()) out.Text(folder).Char('/');
    if (!middle.empty()) out.Text(middle).Char('/');
    out.Text(name_);
    path[out.view().size()] = '\0';
    result_ = out.truncated() ? -ENAMETOOLONG
                              : os::ReadFile(path, buffer_, capacity_);
    return result_ != -ENOENT && result_ != -ENOTDIR;
  }

  bool TryBoth(std::string_view folder, std::string_view workspace) {
    if (folder.empty()) return false;
    return Try(folder, {}) || (!workspace.empty() && Try(folder, workspace));
  }

  std::ptrdiff_t result() const { return result_; }

 private:
  std::string_view name_;
  char* buffer_;
  size_t capacity_;
  std::ptrdiff_t result_ = -ENOENT;
};

// "a/b" of "a/b/c"; empty when there is no folder.
std::string_view FolderOf(std::string_view path) {
  const size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view()
                                         : path.substr(0, slash);
}

// The name that the program was started by may be a link to it elsewhere, as
// in runfiles.
bool TryNextToProgram(Search& search) {
  const std::string_view started = FolderOf(os::ExecutedPath());
  return search.TryBoth(FolderOf(os::ProgramPath()), {}) ||
         search.TryBoth(started, {});
}

bool TryBeside(Search& search, std::string_view program,
               std::string_view workspace) {
  char folder[kMaxPath];
  base::TextWriter out(folder, sizeof(folder));
  out.Text(program).Text(".runfiles");
  return !out.truncated() && search.TryBoth(out.view(), workspace);
}

// Those that Bazel names, then those that lie beside the program.
bool TryRunfiles(Search& search) {
  const std::string_view workspace = EnvironmentText("TEST_WORKSPACE");
  return search.TryBoth(EnvironmentText("RUNFILES_DIR"), workspace) ||
         search.TryBoth(EnvironmentText("TEST_SRCDIR"), workspace) ||
         TryBeside(search, os::ProgramPath(), workspace) ||
         TryBeside(search, os::ExecutedPath(), workspace);
}

}  // namespace

std::ptrdiff_t ReadNamedFile(std::string_view name, char* buffer,
                             size_t capacity) {
  Search search(name, buffer, capacity);
  const bool found = search.Try({}, {}) || name.starts_with('/') ||
                     TryNextToProgram(search) || TryRunfiles(search);
  return found ? search.result() : -ENOENT;
}

}  // namespace dbgalloc::report
