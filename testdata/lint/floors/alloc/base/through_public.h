#ifndef ALLOC_BASE_THROUGH_PUBLIC_H_
#define ALLOC_BASE_THROUGH_PUBLIC_H_
#include "dbgalloc/debug_allocator.h"
#endif  // ALLOC_BASE_THROUGH_PUBLIC_H_
