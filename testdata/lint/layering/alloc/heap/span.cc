#include "alloc/heap/span.h"
#include "alloc/base/check.h"
