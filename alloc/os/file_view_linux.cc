#include <sys/mman.h>

#include "alloc/os/errno_keeper.h"
#include "alloc/os/file_view.h"
#include "alloc/os/pages.h"

namespace dbgalloc::os {

bool MapFileView(int descriptor, uint64_t offset, size_t size, FileView* view) {
  ErrnoKeeper errno_keeper;
  const uint64_t before = offset % PageSize();
  if (size == 0 || size > SIZE_MAX - before) return false;
  const size_t mapping_size = size + before;
  void* mapping = mmap(nullptr, mapping_size, PROT_READ, MAP_PRIVATE,
                       descriptor, static_cast<off_t>(offset - before));
  if (mapping == MAP_FAILED) return false;
  *view = {static_cast<const char*>(mapping) + before, size, mapping,
           mapping_size};
  return true;
}

void UnmapFileView(const FileView& view) {
  ErrnoKeeper errno_keeper;
  if (view.mapping != nullptr) munmap(view.mapping, view.mapping_size);
}

}  // namespace dbgalloc::os
