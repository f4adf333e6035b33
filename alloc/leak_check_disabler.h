// A scope whose allocations are no leaks.
#ifndef DBGALLOC_ALLOC_LEAK_CHECK_DISABLER_H_
#define DBGALLOC_ALLOC_LEAK_CHECK_DISABLER_H_

#include "dbgalloc/c_api.h"

namespace dbgalloc {

// What the calling thread allocates while one is alive is no leak, nor is what
// only that holds. They nest. In a program whose malloc is not dbgalloc's,
// nothing happens. Made and destroyed on one thread.
class LeakCheckDisabler {
 public:
  LeakCheckDisabler() {
    if (&dbgalloc_disable_leaks != nullptr) dbgalloc_disable_leaks();
  }
  ~LeakCheckDisabler() {
    if (&dbgalloc_enable_leaks != nullptr) dbgalloc_enable_leaks();
  }
  LeakCheckDisabler(const LeakCheckDisabler&) = delete;
  LeakCheckDisabler& operator=(const LeakCheckDisabler&) = delete;
};

}  // namespace dbgalloc

#endif  // DBGALLOC_ALLOC_LEAK_CHECK_DISABLER_H_
