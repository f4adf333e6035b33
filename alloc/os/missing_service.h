// For tests: plays a kernel that lacks a service. Only for processes that end
// soon: it cannot be taken back.
#ifndef DBGALLOC_ALLOC_OS_MISSING_SERVICE_H_
#define DBGALLOC_ALLOC_OS_MISSING_SERVICE_H_

#include <cstdint>

namespace dbgalloc::os {

enum class Service : uint8_t {
  kGuardMarkers,    // MADV_GUARD_INSTALL
  kProtectionKeys,  // pkey_alloc
  kClone3,
  kMembarrier,
  kProc,  // no file can be opened any more, those of /proc included
};

// False: this kernel does not let itself be played.
bool TakeAway(Service service);

}  // namespace dbgalloc::os

#endif  // DBGALLOC_ALLOC_OS_MISSING_SERVICE_H_
