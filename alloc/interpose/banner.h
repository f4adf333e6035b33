// One line at the start, for people who want to know that dbgalloc is there.
#ifndef DBGALLOC_ALLOC_INTERPOSE_BANNER_H_
#define DBGALLOC_ALLOC_INTERPOSE_BANNER_H_

#include "dbgalloc/options.h"

namespace dbgalloc::interpose {

// With verbosity=1: who serves malloc, what guards blocks, how stacks are
// walked, and where reports go.
void WriteBanner(const Options& options);

}  // namespace dbgalloc::interpose

#endif  // DBGALLOC_ALLOC_INTERPOSE_BANNER_H_
