#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>

#include "alloc/os/errno_keeper.h"
#include "alloc/os/protection_keys.h"

namespace dbgalloc::os {

#if defined(__x86_64__)

// Two bits a key in the register PKRU: no access, and no writing.
int AllocateProtectionKey() {
  ErrnoKeeper keeper;
  long key = syscall(SYS_pkey_alloc, 0UL, 0UL);
  return key > 0 ? static_cast<int>(key) : kNoProtectionKey;
}

void FreeProtectionKey(int key) {
  ErrnoKeeper keeper;
  syscall(SYS_pkey_free, key);
}

bool AssignProtectionKey(void* address, size_t size, int key) {
  ErrnoKeeper keeper;
  return syscall(SYS_pkey_mprotect, address, size, PROT_READ | PROT_WRITE,
                 key) == 0;
}

// The instructions by their bytes: the compiler offers them only where it may
// use them everywhere.
void SetKeyRights(int key, KeyRights rights) {
  constexpr uint32_t kBoth = 3;
  constexpr uint32_t kNoWriting = 2;
  uint32_t known;
  uint32_t high;
  asm volatile(".byte 0x0f, 0x01, 0xee" : "=a"(known), "=d"(high) : "c"(0));
  int shift = 2 * key;
  uint32_t wanted = known & ~(kBoth << shift);
  if (rights == KeyRights::kReadOnly) wanted |= kNoWriting << shift;
  asm volatile(".byte 0x0f, 0x01, 0xef"
               :
               : "a"(wanted), "c"(0), "d"(0)
               : "memory");
}

#else

int AllocateProtectionKey() { return kNoProtectionKey; }
void FreeProtectionKey(int /*key*/) {}
bool AssignProtectionKey(void* /*address*/, size_t /*size*/, int /*key*/) {
  return false;
}
void SetKeyRights(int /*key*/, KeyRights /*rights*/) {}

#endif

}  // namespace dbgalloc::os
