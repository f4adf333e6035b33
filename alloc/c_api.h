/* What a program can ask of the dbgalloc that serves its malloc, and what it
 * can tell it. For C and C++.
 *
 *   if (dbgalloc_is_active && dbgalloc_is_active()) dbgalloc_check_heap_now();
 *
 * All functions are weak: a program that calls them links and runs without
 * dbgalloc too, as long as it first tests whether they are there. They are
 * where //:malloc is linked or libdbgalloc.so is preloaded. */
#ifndef DBGALLOC_ALLOC_C_API_H_
#define DBGALLOC_ALLOC_C_API_H_

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define DBGALLOC_WEAK __attribute__((weak))

/* Defined by the program, if it likes: options that DBGALLOC_OPTIONS and
 * DBGALLOC_TARGET_OPTIONS are laid over. Called before main, once, and must
 * not allocate. */
DBGALLOC_WEAK const char* __dbgalloc_default_options(void);

/* 1 when malloc of this process is served by dbgalloc's checking heap, 0 when
 * allocator=system left it to the C library. */
DBGALLOC_WEAK int dbgalloc_is_active(void);

/* Verifies the redzones of all blocks and the fill of all freed memory that is
 * still resident, and reports each damaged block once. Returns how many are
 * damaged. */
DBGALLOC_WEAK size_t dbgalloc_check_heap_now(void);

struct dbgalloc_stats {
  uint64_t allocations; /* successful ones */
  uint64_t frees;
  uint64_t allocated_bytes; /* as requested, of all allocations so far */
  uint64_t freed_bytes;
  uint64_t live_blocks;
  uint64_t live_bytes;
  uint64_t errors; /* reported ones */
  uint64_t quarantine_bytes;
  uint64_t metadata_bytes;
  uint64_t span_bytes;
};

/* Fills at most `size` bytes of *stats; a program passes sizeof(*stats), so
 * that later versions can add members at the end. Returns 0, or -1 when
 * dbgalloc is not active. */
DBGALLOC_WEAK int dbgalloc_get_stats(struct dbgalloc_stats* stats, size_t size);

#undef DBGALLOC_WEAK

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* DBGALLOC_ALLOC_C_API_H_ */
