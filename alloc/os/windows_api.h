// windows.h for the files of this folder that are named for it, and what all of
// them need.
#ifndef DBGALLOC_ALLOC_OS_WINDOWS_API_H_
#define DBGALLOC_ALLOC_OS_WINDOWS_API_H_

#define WIN32_LEAN_AND_MEAN
#ifndef NOMINMAX
#define NOMINMAX
#endif
#include <windows.h>
// It needs the first.
#include <psapi.h>

// It has macros of these names.
#undef Yield

namespace dbgalloc::os {

// Leaves GetLastError() as it was found: what the allocator does inside must
// not show. Calls of the system do not touch errno.
class LastErrorKeeper {
 public:
  LastErrorKeeper() : saved_(GetLastError()) {}
  ~LastErrorKeeper() { SetLastError(saved_); }
  LastErrorKeeper(const LastErrorKeeper&) = delete;
  LastErrorKeeper& operator=(const LastErrorKeeper&) = delete;

 private:
  const DWORD saved_;
};

}  // namespace dbgalloc::os

#endif  // DBGALLOC_ALLOC_OS_WINDOWS_API_H_
