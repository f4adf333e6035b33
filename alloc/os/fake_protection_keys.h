// Protection keys for tests on machines that have none: rights are those of the
// one thread that the test runs, and are set by mprotect.
#ifndef DBGALLOC_ALLOC_OS_FAKE_PROTECTION_KEYS_H_
#define DBGALLOC_ALLOC_OS_FAKE_PROTECTION_KEYS_H_

namespace dbgalloc::os {

// What the kernel does when it enters a signal handler, and what a thread that
// is older than the key starts with: no access at all.
void TakeAllRightsAway();

// How often rights were set.
int RightsSet();

}  // namespace dbgalloc::os

#endif  // DBGALLOC_ALLOC_OS_FAKE_PROTECTION_KEYS_H_
