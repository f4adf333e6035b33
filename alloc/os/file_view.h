// Parts of files, mapped for reading.
#ifndef DBGALLOC_ALLOC_OS_FILE_VIEW_H_
#define DBGALLOC_ALLOC_OS_FILE_VIEW_H_

#include <cstddef>
#include <cstdint>

namespace dbgalloc::os {

// `size` bytes of a file at `data`; the rest is what has to be unmapped.
struct FileView {
  const void* data = nullptr;
  size_t size = 0;
  void* mapping = nullptr;
  size_t mapping_size = 0;
};

// Maps `size` bytes from `offset` on, privately. The descriptor may be closed
// afterwards. Where the file is shorter, the end must not be touched. False:
// refused. Async-signal-safe, never calls malloc, leaves errno as it was.
bool MapFileView(int descriptor, uint64_t offset, size_t size, FileView* view);

void UnmapFileView(const FileView& view);

}  // namespace dbgalloc::os

#endif  // DBGALLOC_ALLOC_OS_FILE_VIEW_H_
