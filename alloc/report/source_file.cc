#include "alloc/report/source_file.h"

#include "alloc/base/text_writer.h"
#include "alloc/os/env.h"
#include "alloc/os/raw_io.h"

namespace dbgalloc::report {
namespace {

constexpr size_t kMaxPath = 1024;
// A source file longer than this is not searched for its line.
constexpr size_t kMaxFileSize = size_t{16} << 20;
// What Bazel's toolchains write in place of the folder they build in.
constexpr std::string_view kBuildFolder = "/proc/self/cwd/";

std::string_view EnvironmentText(const char* name) {
  const char* value = os::GetEnv(name);
  return value == nullptr ? std::string_view() : std::string_view(value);
}

// Finds one line in a file read piece by piece.
class LineFinder {
 public:
  LineFinder(int line, char* buffer, size_t capacity)
      : missing_(line - 1), buffer_(buffer), capacity_(capacity) {}

  // False once the line has ended.
  bool Feed(std::string_view piece) {
    for (char c : piece) {
      if (c == '\n') {
        if (missing_ == 0) return false;
        --missing_;
      } else if (missing_ == 0) {
        found_ = true;
        if (size_ < capacity_) buffer_[size_++] = c;
      }
    }
    return true;
  }

  std::ptrdiff_t Result() const {
    if (!found_) return -1;
    size_t size = size_;
    if (size > 0 && buffer_[size - 1] == '\r') --size;
    return static_cast<std::ptrdiff_t>(size);
  }

 private:
  int missing_;  // line ends before the line
  char* buffer_;
  size_t capacity_;
  size_t size_ = 0;
  bool found_ = false;
};

// Reads up to the line's end; the descriptor's file may be anything.
std::ptrdiff_t FindLine(int descriptor, LineFinder& finder) {
  char piece[1024];
  for (size_t read = 0; read < kMaxFileSize;) {
    const std::ptrdiff_t got = os::ReadSome(descriptor, piece, sizeof(piece));
    if (got <= 0) break;
    read += static_cast<size_t>(got);
    if (!finder.Feed({piece, static_cast<size_t>(got)})) break;
  }
  return finder.Result();
}

// "b/c.cc" of "a/b/c.cc"; empty when there is no folder left to drop.
std::string_view WithoutFirstFolder(std::string_view file) {
  const size_t slash = file.find('/');
  if (slash == std::string_view::npos) return {};
  file.remove_prefix(slash + 1);
  return file;
}

// What is looked for, and where its line goes.
struct Search {
  std::string_view file;
  int line;
  char* buffer;
  size_t capacity;
};

// Tries folder/middle/file; empty parts are left out.
std::ptrdiff_t TryFolder(const Search& search, std::string_view folder,
                         std::string_view middle) {
  char path[kMaxPath];
  base::TextWriter out(path, sizeof(path) - 1);
  if (!folder.empty()) out.Text(folder).Char('/');
  if (!middle.empty()) out.Text(middle).Char('/');
  out.Text(search.file);
  if (out.truncated()) return -1;
  path[out.view().size()] = '\0';
  const int descriptor = os::OpenForReading(path);
  if (descriptor < 0) return -1;
  LineFinder finder(search.line, search.buffer, search.capacity);
  const std::ptrdiff_t size = FindLine(descriptor, finder);
  os::Close(descriptor);
  return size;
}

// The prefix may stand for any number of the file's own leading folders: the
// machine that compiled it had others.
std::ptrdiff_t TryPrefixes(const Search& search, std::string_view prefixes) {
  while (!prefixes.empty()) {
    const size_t end = prefixes.find(':');
    const std::string_view folder(
        prefixes.data(), end < prefixes.size() ? end : prefixes.size());
    prefixes.remove_prefix(folder.size() +
                           (folder.size() < prefixes.size() ? 1 : 0));
    if (folder.empty()) continue;
    for (Search rest = search; !rest.file.empty();
         rest.file = WithoutFirstFolder(rest.file)) {
      const std::ptrdiff_t size = TryFolder(rest, folder, {});
      if (size >= 0) return size;
    }
  }
  return -1;
}

// The folders that Bazel names in the environment of what it runs.
std::ptrdiff_t TryBazelFolders(const Search& search) {
  const std::string_view workspace = EnvironmentText("TEST_WORKSPACE");
  for (const char* name :
       {"RUNFILES_DIR", "TEST_SRCDIR", "BUILD_WORKSPACE_DIRECTORY"}) {
    const std::string_view folder = EnvironmentText(name);
    if (folder.empty()) continue;
    std::ptrdiff_t size = TryFolder(search, folder, {});
    if (size < 0 && !workspace.empty()) {
      size = TryFolder(search, folder, workspace);
    }
    if (size >= 0) return size;
  }
  return -1;
}

}  // namespace

std::ptrdiff_t ReadSourceLine(std::string_view prefixes, std::string_view file,
                              int line, char* buffer, size_t capacity) {
  if (os::IsSecureExecution() || line <= 0 || file.empty()) return -1;
  if (file.starts_with(kBuildFolder)) file.remove_prefix(kBuildFolder.size());
  const Search search = {file, line, buffer, capacity};
  std::ptrdiff_t size = TryFolder(search, {}, {});
  if (size < 0) size = TryPrefixes(search, prefixes);
  if (size < 0 && file.front() != '/') size = TryBazelFolders(search);
  return size;
}

}  // namespace dbgalloc::report
