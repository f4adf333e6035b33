// Redzones: writing them, finding damage, and telling whose fault it is.
#ifndef DBGALLOC_ALLOC_DEBUG_REDZONE_CHECK_H_
#define DBGALLOC_ALLOC_DEBUG_REDZONE_CHECK_H_

#include <cstdint>

#include "alloc/debug/patterns.h"
#include "dbgalloc/error_record.h"

namespace dbgalloc::debug {

// Damaged bytes: [begin, end), from the first to the last; empty when none is.
struct DamagedRange {
  uintptr_t begin = 0;
  uintptr_t end = 0;
  bool empty() const { return begin == end; }
};

// Where [begin, end) differs from the pattern. Pure: reads only the range.
DamagedRange FindDamage(const Pattern& pattern, uintptr_t begin, uintptr_t end);

// Copies what was found and what was expected into a report's form.
Damage DescribeDamage(const Pattern& pattern, const DamagedRange& range);

// Copies what lies around the damage, of the pages that hold it and of the
// span [span_begin, span_end).
DBGALLOC_READS_MEANWHILE
MemoryContents CopyAround(const DamagedRange& range, uintptr_t span_begin,
                          uintptr_t span_end);

// The two blocks on either side of damaged bytes. 0: no block is there.
struct DamageNeighbours {
  uintptr_t left_user_end = 0;
  uintptr_t right_user_begin = 0;
};

// kHeapBufferOverflow of the left block or kHeapBufferUnderflow of the right
// one: bytes that touch a block are its doing, the left one first since most
// overruns run forward; else the nearer block's. Pure.
ErrorKind BlameFor(const DamagedRange& range,
                   const DamageNeighbours& neighbours);

}  // namespace dbgalloc::debug

#endif  // DBGALLOC_ALLOC_DEBUG_REDZONE_CHECK_H_
