#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "alloc/os/errno_keeper.h"
#include "alloc/os/memory_map.h"
#include "alloc/os/pages.h"
#include "alloc/os/raw_io.h"
#include "alloc/os/raw_read_at_linux.h"

namespace dbgalloc::os {
namespace {

// Reads a file line by line; of a line that is longer than the buffer only the
// beginning, which is where a mapping says what it is.
class LineReader {
 public:
  explicit LineReader(int descriptor) : descriptor_(descriptor) {}

  // The next line without its end; null: there is none.
  const char* Next() {
    bool cut = false;
    for (;;) {
      char* end = static_cast<char*>(memchr(begin_, '\n', size_));
      if (end != nullptr) {
        *end = '\0';
        const char* line = begin_;
        size_ -= static_cast<size_t>(end + 1 - begin_);
        begin_ = end + 1;
        if (!cut) return line;
        cut = false;  // the rest of a line that was too long
        continue;
      }
      if (size_ == kCapacity) {
        size_ = 0;
        cut = true;
      }
      if (!Refill()) return nullptr;
    }
  }

 private:
  static constexpr size_t kCapacity = 4096;

  bool Refill() {
    memmove(buffer_, begin_, size_);
    begin_ = buffer_;
    const ptrdiff_t got =
        ReadSome(descriptor_, buffer_ + size_, kCapacity - size_);
    if (got <= 0) return false;
    size_ += static_cast<size_t>(got);
    return true;
  }

  int descriptor_;
  char buffer_[kCapacity];
  char* begin_ = buffer_;
  size_t size_ = 0;
};

// Hexadecimal digits up to `end`, which is passed over.
uintptr_t ParseHex(const char*& text, char end) {
  uintptr_t value = 0;
  for (; *text != end && *text != '\0'; ++text) {
    const char c = *text;
    value =
        value * 16 + static_cast<uintptr_t>(c <= '9' ? c - '0' : c - 'a' + 10);
  }
  if (*text != '\0') ++text;
  return value;
}

// "7f00-7f01 rw-p 00000000 00:00 0    [stack]"
Mapping ParseMapping(const char* line) {
  Mapping mapping;
  mapping.begin = ParseHex(line, '-');
  mapping.end = ParseHex(line, ' ');
  if (strnlen(line, 4) < 4) return mapping;
  mapping.readable = line[0] == 'r';
  mapping.writable = line[1] == 'w';
  mapping.shared = line[3] == 's';
  line += 5;
  ParseHex(line, ' ');  // offset
  const char* inode = strchr(line, ' ');
  mapping.anonymous = inode != nullptr && inode[1] == '0' &&
                      (inode[2] == ' ' || inode[2] == '\0');
  mapping.is_main_stack = strstr(line, "[stack]") != nullptr;
  return mapping;
}

// Bits of an entry of /proc/self/pagemap, each 64 bits wide: in memory; out on
// a swap device; made inaccessible by a marker, which counts as swapped, too.
constexpr uint64_t kPresent = uint64_t{1} << 63;
constexpr uint64_t kSwapped = uint64_t{1} << 62;
constexpr uint64_t kGuarded = uint64_t{1} << 58;

}  // namespace

bool ForEachMapping(MappingVisitor visit, void* context) {
  const int descriptor = OpenForReading("/proc/self/maps");
  if (descriptor < 0) return false;
  LineReader reader(descriptor);
  while (const char* line = reader.Next()) {
    const Mapping mapping = ParseMapping(line);
    if (mapping.begin < mapping.end) visit(context, mapping);
  }
  Close(descriptor);
  return true;
}

TouchedPages::TouchedPages()
    : descriptor_(OpenForReading("/proc/self/pagemap")) {}

TouchedPages::~TouchedPages() {
  if (descriptor_ >= 0) Close(descriptor_);
}

bool TouchedPages::IsTouched(uintptr_t page, size_t count) {
  if (page - first_page_ >= count_) {
    ErrnoKeeper keeper;
    const ssize_t got =
        RawReadAt(descriptor_, entries_,
                  (count < kEntries ? count : kEntries) * sizeof(uint64_t),
                  uint64_t{page} * sizeof(uint64_t));
    first_page_ = page;
    count_ = got <= 0 ? 0 : static_cast<size_t>(got) / sizeof(uint64_t);
    if (count_ == 0) return true;
  }
  const uint64_t entry = entries_[page - first_page_];
  return (entry & kPresent) != 0 || (entry & (kSwapped | kGuarded)) == kSwapped;
}

bool TouchedPages::Find(uintptr_t begin, uintptr_t end, uintptr_t* run_begin,
                        uintptr_t* run_end) {
  *run_begin = begin;
  *run_end = end;
  if (begin >= end) return false;
  if (descriptor_ < 0) return true;
  const size_t size = PageSize();
  uintptr_t page = begin / size;
  const uintptr_t last = (end - 1) / size;
  while (page <= last && !IsTouched(page, last - page + 1)) ++page;
  if (page > last) return false;
  if (page * size > begin) *run_begin = page * size;
  while (page <= last && IsTouched(page, last - page + 1)) ++page;
  if (page * size < end) *run_end = page * size;
  return true;
}

}  // namespace dbgalloc::os
