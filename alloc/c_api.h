/* What a program can ask of the dbgalloc that serves its malloc, and what it
 * can tell it. For C and C++.
 *
 *   if (dbgalloc_is_active && dbgalloc_is_active()) dbgalloc_check_heap_now();
 *
 * All functions are weak: a program that calls them links and runs without
 * dbgalloc too, as long as it first tests whether they are there. They are
 * where //:malloc is linked or libdbgalloc.so is preloaded; with //:dbgalloc
 * alone, dbgalloc_set_error_callback is. */
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

/* Defined by the program, if it likes: suppressions, one KIND:PATTERN a line,
 * that hold beside those of the option `suppressions` (docs/suppressions.md).
 * Called before main, and must not allocate. The text must stay. */
DBGALLOC_WEAK const char* __dbgalloc_default_suppressions(void);

/* Defined by the program, if it likes: called once, just before an error that
 * was reported ends the process (halt_on_error=1), on the thread that made it;
 * all reports are written by then. Other threads that fail meanwhile wait for
 * it, two seconds at most. It may allocate, write, and end the process its own
 * way; an error in it is reported and ends the process at once. Not called when
 * an error comes up while a report is being written. In a program that
 * libdbgalloc.so is preloaded into, link with -rdynamic so that it is found. */
DBGALLOC_WEAK void __dbgalloc_on_error(void);

/* Sets what is called with the text of each report (errors, notes and leaks, in
 * the form of report_format, without colours, cut at 1 MiB) once it has been
 * written and before it ends the process. Null: nothing, as at first. There is
 * one callback a process; it serves reports of allocator objects too.
 *
 * Called on the thread that failed, possibly on several at once, with no lock
 * of dbgalloc held; the program itself may hold any lock of its own, since it
 * was stopped in the middle of malloc, free or another call of an allocator.
 * The text is valid during the call only. The callback may allocate and free
 * (what it allocates is not checked), write files, and call
 * dbgalloc_describe_address. It must return, or end the process; it may not
 * throw or longjmp. An error in it is reported without calling it again. */
DBGALLOC_WEAK void dbgalloc_set_error_callback(
    void (*callback)(const char* report));

/* Writes to standard error what is known about an address, in the shape of a
 * report: the block that holds it or lies next to it, where in it, who
 * allocated and who freed it; or what else the address is. Returns 1 when it
 * lies in memory of the heap (of a live or freed block, or beside one), else 0.
 * Any thread, any address; not from signal handlers. */
DBGALLOC_WEAK int dbgalloc_describe_address(const void* address);

/* 1 when malloc of this process is served by dbgalloc (by its checking heap or,
 * with allocator=pool, its pool), 0 when allocator=system left it to the C
 * library. */
DBGALLOC_WEAK int dbgalloc_is_active(void);

/* Looks for blocks that no pointer of the program reaches, and reports those
 * that no earlier check has reported. Returns how many it reported; 0 with
 * detect_leaks=0. As often as one likes, on any thread. Other threads stand
 * still only while the process is copied; the copy is what is looked at. A
 * system call in which one of them sleeps may return EINTR (docs/guide.md). */
DBGALLOC_WEAK size_t dbgalloc_check_leaks_now(void);

/* Where dbgalloc_find_leaks_since begins: now. Exact for what other threads
 * allocate, too, as far as their allocations come before or after this call.
 * Costs a few nanoseconds; may be called as often as one likes. */
DBGALLOC_WEAK uint64_t dbgalloc_leak_mark(void);

struct dbgalloc_leaks {
  uint64_t blocks;
  uint64_t bytes;
};

/* The blocks that were allocated since the mark, that no pointer of the program
 * reaches and that no earlier check has reported. Fills *leaks, writes their
 * report (at most `capacity` bytes, without a terminating zero) into `text` and
 * returns its length; 0 when there are none or with detect_leaks=0. Nothing is
 * written elsewhere and the exit status stays. Other threads stand still
 * meanwhile; see dbgalloc_check_leaks_now. Costs microseconds when no block
 * lives that is younger than the mark. */
DBGALLOC_WEAK size_t dbgalloc_find_leaks_since(uint64_t mark,
                                               struct dbgalloc_leaks* leaks,
                                               char* text, size_t capacity);

/* Which blocks dbgalloc_check_region looks for, and what it says. */
#define DBGALLOC_REGION_NOT_FREED 1u /* reachable ones, too */
#define DBGALLOC_REGION_SILENT 2u    /* no report; nothing else changes */

/* A verdict on a part of the program: reports, as dbgalloc_check_leaks_now
 * does, the blocks that were allocated since the mark, by whatever thread, and
 * that no pointer reaches; blocks that an earlier check has reported count
 * again, so parts may nest. `name` stands in the report. Fills *leaks and
 * returns the number of blocks; 0 with detect_leaks=0. Other threads stand
 * still meanwhile. See dbgalloc/scoped_leak_check.h. */
DBGALLOC_WEAK size_t dbgalloc_check_region(uint64_t mark, const char* name,
                                           unsigned rules,
                                           struct dbgalloc_leaks* leaks);

/* The block that holds the address, and what only it holds, is no leak. */
DBGALLOC_WEAK void dbgalloc_ignore_object(const void* address);

/* What the calling thread allocates from here on is no leak, nor is what only
 * that holds; until as many calls of dbgalloc_enable_leaks. See
 * LeakCheckDisabler in dbgalloc/leak_check_disabler.h. */
DBGALLOC_WEAK void dbgalloc_disable_leaks(void);
DBGALLOC_WEAK void dbgalloc_enable_leaks(void);

/* Pointers in [begin, begin + size) keep blocks from being leaks. Not needed
 * for memory that the program has mapped and has a pointer to. Unregistered by
 * the same two values. At most 1024 regions; returns 0, or -1 when there are
 * too many, or, when unregistering, no such region. */
DBGALLOC_WEAK int dbgalloc_register_root_region(const void* begin, size_t size);
DBGALLOC_WEAK int dbgalloc_unregister_root_region(const void* begin,
                                                  size_t size);

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
  uint64_t peak_blocks;
  uint64_t peak_bytes;     /* to within 0.4 %, and 64 KiB a further thread */
  uint64_t resident_bytes; /* of blocks and records, in memory now */
  uint64_t retained_bytes; /* records of freed blocks whose memory is gone */
  uint64_t stack_traces;   /* distinct ones */
  uint64_t stack_bytes;
  uint64_t mappings; /* of the process */
  uint64_t mapping_limit;
  uint64_t process_resident_bytes;
  uint64_t stack_hits; /* stacks that were stored already, approximately */
};

/* Fills at most `size` bytes of *stats; a program passes sizeof(*stats), so
 * that later versions can add members at the end. Returns 0, or -1 when
 * dbgalloc is not active. */
DBGALLOC_WEAK int dbgalloc_get_stats(struct dbgalloc_stats* stats, size_t size);

/* One size class. Freed blocks count until their memory has gone. */
struct dbgalloc_class_stats {
  uint64_t capacity; /* the largest block; 0: large blocks, of any size */
  uint64_t spans;
  uint64_t live_blocks;
  uint64_t live_bytes;
  uint64_t freed_blocks;
  uint64_t freed_bytes;
};

/* One entry a size class in use, smallest first, large blocks last. Fills at
 * most `count` entries, `size` apart (sizeof(*classes)), and returns how many
 * there are. Walks over all blocks. */
DBGALLOC_WEAK size_t dbgalloc_get_class_stats(
    struct dbgalloc_class_stats* classes, size_t size, size_t count);

/* Writes all figures to standard error, as print_stats=1 does at exit. */
DBGALLOC_WEAK void dbgalloc_print_stats(void);

/* The heap belongs to the calling thread from now on (thread_safe=0 or
 * check_threads=1): a deliberate move from one thread to another. */
DBGALLOC_WEAK void dbgalloc_adopt_by_current_thread(void);

/* From now on the allocation with this index fails, and all later ones too, as
 * far as the other fail_* flags agree. Indices count successful allocations of
 * the program: from the start of main where a fail_* flag is set, else from the
 * first of these calls; from 0 again after dbgalloc_reset_fail_counters. A
 * negative index: none fails. Thread-safe. */
DBGALLOC_WEAK void dbgalloc_set_fail_index(int64_t index);
DBGALLOC_WEAK void dbgalloc_reset_fail_counters(void);

/* Takes all fail_* flags from `options`, in the syntax of DBGALLOC_OPTIONS, in
 * place of those in force, and counts from 0 again: "fail_index=3:fail_mode=
 * once". Other flags have no effect. Returns 0, or -1 when there is a mistake,
 * and nothing has changed. Not while other threads allocate. */
DBGALLOC_WEAK int dbgalloc_set_fail_options(const char* options);

struct dbgalloc_fail_counts {
  uint64_t allocations; /* successful ones: the index of the next */
  uint64_t resizes;
  uint64_t failures;   /* that were induced */
  uint32_t last_stack; /* of the last failure, for dbgalloc_format_stack */
};

/* Fills at most `size` bytes of *counts. Returns 0, or -1 while nothing is
 * counted. */
DBGALLOC_WEAK int dbgalloc_get_fail_counts(struct dbgalloc_fail_counts* counts,
                                           size_t size);

/* What a call of the malloc family did. */
#define DBGALLOC_ALLOCATED 0
#define DBGALLOC_FREED 1
#define DBGALLOC_RESIZED 2

struct dbgalloc_operation {
  int kind;              /* one of the three above */
  uint32_t stack;        /* of the allocation; 0: not recorded */
  const void* block;     /* of a free: the block that is about to go */
  size_t size;           /* bytes that were asked for */
  const void* old_block; /* of a resize; may be where the block still is */
  size_t old_size;
};

/* Sets what is called at each allocation, free and resize that succeeds, with
 * operator new and delete, from any thread, on that thread. Null: nothing, as
 * at first. One a process. It may allocate; that is not observed. It must not
 * throw or longjmp. What dbgalloc and calls inside the observer allocate, and
 * what is allocated before the process has started, is not told. While an
 * observer is set, each call takes a slower way. Returns 0.
 *
 * Where the C library serves (allocator=system), sizes are usable sizes. */
DBGALLOC_WEAK int dbgalloc_set_observer(
    void (*observer)(const struct dbgalloc_operation* operation));

/* Writes the frames of a stack as reports show them, at most `capacity` bytes
 * and without a terminating zero. Returns how many bytes; 0: not known. Reads
 * debug information: not from an observer or a signal handler. */
DBGALLOC_WEAK size_t dbgalloc_format_stack(uint32_t stack, char* buffer,
                                           size_t capacity);

#undef DBGALLOC_WEAK

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* DBGALLOC_ALLOC_C_API_H_ */
