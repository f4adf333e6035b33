#ifndef ALLOC_HEAP_ALONE_H_
#define ALLOC_HEAP_ALONE_H_
#include <cstddef>
inline size_t Half(size_t n) { return n / 2; }
#endif  // ALLOC_HEAP_ALONE_H_
