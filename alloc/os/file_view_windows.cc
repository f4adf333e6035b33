#include <io.h>

#include "alloc/os/file_view.h"
#include "alloc/os/windows_api.h"

namespace dbgalloc::os {
namespace {

// Views begin at multiples of this.
uint64_t ViewAlignment() {
  SYSTEM_INFO information;
  GetSystemInfo(&information);
  return information.dwAllocationGranularity;
}

// Null: refused; a view never reaches behind the end of the file.
void* MapFrom(HANDLE file, uint64_t begin, size_t size) {
  const HANDLE section =
      CreateFileMappingW(file, nullptr, PAGE_READONLY, 0, 0, nullptr);
  if (section == nullptr) return nullptr;
  void* view =
      MapViewOfFile(section, FILE_MAP_READ, static_cast<DWORD>(begin >> 32),
                    static_cast<DWORD>(begin), size);
  CloseHandle(section);
  return view;
}

}  // namespace

bool MapFileView(int descriptor, uint64_t offset, size_t size, FileView* view) {
  if (descriptor < 0) return false;
  LastErrorKeeper keeper;
  const auto file = reinterpret_cast<HANDLE>(_get_osfhandle(descriptor));
  const size_t skipped = offset % ViewAlignment();
  void* mapping = MapFrom(file, offset - skipped, size + skipped);
  if (mapping == nullptr) return false;
  *view = {static_cast<char*>(mapping) + skipped, size, mapping,
           size + skipped};
  return true;
}

void UnmapFileView(const FileView& view) {
  LastErrorKeeper keeper;
  if (view.mapping != nullptr) UnmapViewOfFile(view.mapping);
}

}  // namespace dbgalloc::os
