// Computations that allocate much, as programs of their own would.
#ifndef DBGALLOC_TOOLS_BENCH_POOL_COMPUTATIONS_H_
#define DBGALLOC_TOOLS_BENCH_POOL_COMPUTATIONS_H_

#include <cstddef>

namespace bench {

// Powers of a polynomial whose terms are a linked list; returns how many.
size_t Polynomials();

// Trees that are built and thrown away, beside one that stays; returns nodes.
size_t Trees();

}  // namespace bench

#endif  // DBGALLOC_TOOLS_BENCH_POOL_COMPUTATIONS_H_
