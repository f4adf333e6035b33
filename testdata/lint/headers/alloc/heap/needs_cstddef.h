#ifndef ALLOC_HEAP_NEEDS_CSTDDEF_H_
#define ALLOC_HEAP_NEEDS_CSTDDEF_H_
inline size_t Twice(size_t n) { return 2 * n; }
#endif  // ALLOC_HEAP_NEEDS_CSTDDEF_H_
