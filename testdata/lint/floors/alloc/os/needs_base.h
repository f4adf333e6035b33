#ifndef ALLOC_OS_NEEDS_BASE_H_
#define ALLOC_OS_NEEDS_BASE_H_
#include "alloc/base/check.h"
#endif  // ALLOC_OS_NEEDS_BASE_H_
