// The system has none.
#include "alloc/os/protection_keys.h"

namespace dbgalloc::os {

int AllocateProtectionKey() { return kNoProtectionKey; }

void FreeProtectionKey(int) {}

bool AssignProtectionKey(void*, size_t, int) { return false; }

void SetKeyRights(int, KeyRights) {}

}  // namespace dbgalloc::os
