#ifndef ALLOC_HEAP_SIDEWAYS_H_
#define ALLOC_HEAP_SIDEWAYS_H_
#include "alloc/report/words.h"
#endif  // ALLOC_HEAP_SIDEWAYS_H_
