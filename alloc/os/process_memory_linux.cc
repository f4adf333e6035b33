#include <limits.h>
#include <string.h>
#include <unistd.h>

#include <cstdint>

#include "alloc/os/errno_keeper.h"
#include "alloc/os/process_memory.h"
#include "alloc/os/raw_io.h"

namespace dbgalloc::os {
namespace {

constexpr size_t kUnlimited = SIZE_MAX;

// The number at the start of a text; `fallback` where there is none.
size_t NumberAt(std::string_view text, size_t fallback) {
  size_t value = 0;
  size_t digits = 0;
  for (; digits < text.size(); ++digits) {
    char c = text[digits];
    if (c < '0' || c > '9') break;
    if (__builtin_mul_overflow(value, size_t{10}, &value) ||
        __builtin_add_overflow(value, static_cast<size_t>(c - '0'), &value)) {
      return fallback;
    }
  }
  return digits == 0 ? fallback : value;
}

size_t NumberInFile(const char* path, size_t fallback) {
  char text[64];
  std::ptrdiff_t size = ReadFile(path, text, sizeof(text));
  if (size <= 0) return fallback;
  return NumberAt({text, static_cast<size_t>(size)}, fallback);
}

size_t Smaller(size_t a, size_t b) { return a < b ? a : b; }

// What is left of `text` from its `skipped`th character on.
std::string_view From(std::string_view text, size_t skipped) {
  return {text.data() + skipped, text.size() - skipped};
}

size_t IndexOf(std::string_view text, char wanted) {
  size_t at = 0;
  while (at < text.size() && text[at] != wanted) ++at;
  return at;
}

bool Lists(std::string_view controllers, std::string_view wanted) {
  while (!controllers.empty()) {
    size_t end = IndexOf(controllers, ',');
    if (std::string_view(controllers.data(), end) == wanted) return true;
    controllers = From(controllers, end == controllers.size() ? end : end + 1);
  }
  return false;
}

// A path put together from parts; "" once it was too long.
class Path {
 public:
  Path& Add(std::string_view part) {
    if (part.size() >= sizeof(text_) - size_) {
      size_ = sizeof(text_) - 1;
      text_[0] = '\0';
    } else {
      memcpy(text_ + size_, part.data(), part.size());
      size_ += part.size();
      text_[size_] = '\0';
    }
    return *this;
  }
  const char* text() const { return text_; }

 private:
  char text_[PATH_MAX] = {};
  size_t size_ = 0;
};

// Where a version of control groups keeps a group's limit.
struct Tree {
  std::string_view folder;  // below the root
  std::string_view file;
};

// The limits of `group` and of all groups above it.
size_t LimitOnTheWayUp(std::string_view root, const Tree& tree,
                       std::string_view group) {
  size_t limit = kUnlimited;
  for (;;) {
    Path path;
    path.Add(root).Add(tree.folder).Add(group).Add("/").Add(tree.file);
    limit = Smaller(limit, NumberInFile(path.text(), limit));
    if (group.empty()) return limit;
    size_t last = group.size() - 1;
    while (last > 0 && group[last] != '/') --last;
    group = {group.data(), last};
  }
}

}  // namespace

size_t MappingCount() {
  int file = OpenForReading("/proc/self/maps");
  if (file < 0) return 0;
  size_t lines = 0;
  char text[4096];
  std::ptrdiff_t got;
  while ((got = ReadSome(file, text, sizeof(text))) > 0) {
    for (std::ptrdiff_t i = 0; i < got; ++i) lines += text[i] == '\n';
  }
  Close(file);
  return lines;
}

size_t MappingLimit() {
  return NumberInFile("/proc/sys/vm/max_map_count", kUnlimited);
}

size_t ProcessResidentBytes() {
  ErrnoKeeper keeper;
  char text[128];
  std::ptrdiff_t size = ReadFile("/proc/self/statm", text, sizeof(text));
  if (size <= 0) return 0;
  std::string_view fields(text, static_cast<size_t>(size));
  size_t first = IndexOf(fields, ' ');
  if (first == fields.size()) return 0;
  return NumberAt(From(fields, first + 1), 0) *
         static_cast<size_t>(sysconf(_SC_PAGESIZE));
}

// Each line is "number:controllers:group"; version 2 names no controllers.
size_t ControlGroupLimitIn(std::string_view root, std::string_view membership) {
  constexpr Tree kVersion1 = {"/memory", "memory.limit_in_bytes"};
  constexpr Tree kVersion2 = {"", "memory.max"};
  constexpr Tree kVersion2Beside1 = {"/unified", "memory.max"};
  size_t limit = kUnlimited;
  while (!membership.empty()) {
    size_t end = IndexOf(membership, '\n');
    std::string_view line(membership.data(), end);
    membership = From(membership, end == membership.size() ? end : end + 1);
    size_t first = IndexOf(line, ':');
    if (first == line.size()) continue;
    std::string_view rest = From(line, first + 1);
    size_t second = IndexOf(rest, ':');
    if (second == rest.size()) continue;
    std::string_view controllers(rest.data(), second);
    std::string_view group = From(rest, second + 1);
    if (group == "/") group = "";
    if (Lists(controllers, "memory")) {
      limit = Smaller(limit, LimitOnTheWayUp(root, kVersion1, group));
    } else if (controllers.empty()) {
      limit = Smaller(limit, LimitOnTheWayUp(root, kVersion2, group));
      limit = Smaller(limit, LimitOnTheWayUp(root, kVersion2Beside1, group));
    }
  }
  // Version 1 says "no limit" with a number near the end of the address space.
  return limit > static_cast<size_t>(PTRDIFF_MAX) / 2 ? kUnlimited : limit;
}

size_t ControlGroupLimit() {
  char membership[4096];
  std::ptrdiff_t size =
      ReadFile("/proc/self/cgroup", membership, sizeof(membership));
  if (size <= 0) return kUnlimited;
  return ControlGroupLimitIn("/sys/fs/cgroup",
                             {membership, static_cast<size_t>(size)});
}

size_t MachineMemory() {
  ErrnoKeeper keeper;
  long pages = sysconf(_SC_PHYS_PAGES);
  if (pages <= 0) return kUnlimited;
  return static_cast<size_t>(pages) *
         static_cast<size_t>(sysconf(_SC_PAGESIZE));
}

}  // namespace dbgalloc::os
