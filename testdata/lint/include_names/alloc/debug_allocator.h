#include "alloc/debug/heap_parts.h"
#include "dbgalloc/allocator.h"
