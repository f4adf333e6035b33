// What is mapped where in this process, as the kernel tells it.
#ifndef DBGALLOC_ALLOC_OS_MEMORY_MAP_H_
#define DBGALLOC_ALLOC_OS_MEMORY_MAP_H_

#include <cstddef>
#include <cstdint>

namespace dbgalloc::os {

// Addresses [begin, end).
struct Mapping {
  uintptr_t begin = 0;
  uintptr_t end = 0;
  bool readable = false;
  bool writable = false;
  bool shared = false;
  bool anonymous = false;  // of no file
  bool is_main_stack = false;
};

using MappingVisitor = void (*)(void* context, const Mapping& mapping);

// Calls `visit` for each mapping, by rising addresses. Mappings that come or go
// meanwhile may be missed. False: the kernel does not tell (no /proc).
// Async-signal-safe, takes no lock, never allocates, leaves errno as it was.
bool ForEachMapping(MappingVisitor visit, void* context);

// Tells which pages were ever touched: others read as zero. Not thread-safe.
class TouchedPages {
 public:
  TouchedPages();
  ~TouchedPages();
  TouchedPages(const TouchedPages&) = delete;
  TouchedPages& operator=(const TouchedPages&) = delete;

  // The first run of touched pages in [begin, end), cut to it; it may be
  // followed by another one at once. Where the kernel does not tell, all of it.
  // False: no page was touched.
  bool Find(uintptr_t begin, uintptr_t end, uintptr_t* run_begin,
            uintptr_t* run_end);

 private:
  static constexpr size_t kEntries = 512;

  // `count`: how many pages are asked about from there on.
  bool IsTouched(uintptr_t page, size_t count);

  int descriptor_;
  uintptr_t first_page_ = 0;  // of those in entries_
  size_t count_ = 0;
  uint64_t entries_[kEntries];
};

}  // namespace dbgalloc::os

#endif  // DBGALLOC_ALLOC_OS_MEMORY_MAP_H_
