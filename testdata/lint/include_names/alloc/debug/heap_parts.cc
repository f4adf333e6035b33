#include "alloc/debug/heap_parts.h"
#include "alloc/allocator.h"
