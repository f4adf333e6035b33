#include "alloc/debug/debug_heap.h"
#include "alloc/interpose/runtime.h"
