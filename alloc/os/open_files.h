// The open files of this process.
#ifndef DBGALLOC_ALLOC_OS_OPEN_FILES_H_
#define DBGALLOC_ALLOC_OS_OPEN_FILES_H_

namespace dbgalloc::os {

// Calls `visit` with each open descriptor, apart from the one it needs itself.
// Those that `visit` opens may or may not be seen. False: they cannot be
// listed.
bool ForEachOpenFile(void (*visit)(void* context, int descriptor),
                     void* context);

}  // namespace dbgalloc::os

#endif  // DBGALLOC_ALLOC_OS_OPEN_FILES_H_
