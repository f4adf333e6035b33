// References to what a program may define or leave out.
#ifndef DBGALLOC_ALLOC_OS_WEAK_REFERENCE_H_
#define DBGALLOC_ALLOC_OS_WEAK_REFERENCE_H_

// Before the declaration of such a function. Visible, so that the definition is
// found from a shared library that holds the reference. PE files have no weak
// references; there an archive has definitions that do nothing
// (alloc/base:absent_hooks).
#if defined(_WIN32)
#define DBGALLOC_WEAK_REFERENCE
#else
#define DBGALLOC_WEAK_REFERENCE __attribute__((weak, visibility("default")))
#endif

namespace dbgalloc::os {

// Whether the program defines it, or perhaps does: a call is right then.
template <typename Function>
bool IsDefined(Function* function) {
  return function != nullptr;
}

}  // namespace dbgalloc::os

#endif  // DBGALLOC_ALLOC_OS_WEAK_REFERENCE_H_
