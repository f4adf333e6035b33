#ifndef ALLOC_HEAP_UPWARD_H_
#define ALLOC_HEAP_UPWARD_H_
#include "alloc/debug/check.h"
#endif  // ALLOC_HEAP_UPWARD_H_
