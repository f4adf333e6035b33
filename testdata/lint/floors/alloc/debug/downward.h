#ifndef ALLOC_DEBUG_DOWNWARD_H_
#define ALLOC_DEBUG_DOWNWARD_H_
#include "alloc/heap/span.h"
#include "dbgalloc/allocator.h"
#endif  // ALLOC_DEBUG_DOWNWARD_H_
