#include "alloc/os/memory_probe.h"
#include "alloc/os/windows_api.h"

namespace dbgalloc::os {

bool IsReadable(uintptr_t address) {
  LastErrorKeeper keeper;
  constexpr DWORD kUnreadable = PAGE_NOACCESS | PAGE_EXECUTE | PAGE_GUARD;
  MEMORY_BASIC_INFORMATION pages;
  return VirtualQuery(reinterpret_cast<const void*>(address), &pages,
                      sizeof(pages)) != 0 &&
         pages.State == MEM_COMMIT && (pages.Protect & kUnreadable) == 0;
}

}  // namespace dbgalloc::os
