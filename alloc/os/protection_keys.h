// Protection keys: rights to pages that a thread gives up and takes back in a
// register of its own, without a system call.
//
// Rights belong to a thread. A thread that is older than a key, and a signal
// handler, start without access to its pages; a new thread has its maker's.
#ifndef DBGALLOC_ALLOC_OS_PROTECTION_KEYS_H_
#define DBGALLOC_ALLOC_OS_PROTECTION_KEYS_H_

#include <cstddef>

namespace dbgalloc::os {

inline constexpr int kNoProtectionKey = -1;

// A key of which the calling thread has all rights; kNoProtectionKey: the CPU
// or the kernel has none, or all are taken. Leaves errno as it was.
int AllocateProtectionKey();
void FreeProtectionKey(int key);

// Makes mapped pages readable and writable to those who have the key's rights.
// False: refused. Leaves errno as it was.
bool AssignProtectionKey(void* address, size_t size, int key);

enum class KeyRights { kAll, kReadOnly };

// Sets the calling thread's rights to the key's pages, whatever they were.
// Async-signal-safe; some 10 ns.
void SetKeyRights(int key, KeyRights rights);

}  // namespace dbgalloc::os

#endif  // DBGALLOC_ALLOC_OS_PROTECTION_KEYS_H_
