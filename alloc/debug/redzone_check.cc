#include "alloc/debug/redzone_check.h"

#include <cstring>

namespace dbgalloc::debug {

DamagedRange FindDamage(const Pattern& pattern, uintptr_t begin,
                        uintptr_t end) {
  if (begin >= end) return {};
  uintptr_t first = pattern.FindDifference(begin, end);
  if (first == end) return {};
  return {first, pattern.FindLastDifference(first, end)};
}

Damage DescribeDamage(const Pattern& pattern, const DamagedRange& range) {
  Damage damage;
  damage.begin = range.begin;
  damage.size = range.end - range.begin;
  damage.shown = static_cast<uint32_t>(damage.size < kMaxDamage ? damage.size
                                                                : kMaxDamage);
  memcpy(damage.found, reinterpret_cast<const void*>(range.begin),
         damage.shown);
  for (uint32_t i = 0; i < damage.shown; ++i) {
    damage.expected[i] = pattern.ByteAt(range.begin + i);
  }
  return damage;
}

ErrorKind BlameFor(const DamagedRange& range,
                   const DamageNeighbours& neighbours) {
  if (neighbours.left_user_end == 0) return ErrorKind::kHeapBufferUnderflow;
  if (neighbours.right_user_begin == 0) return ErrorKind::kHeapBufferOverflow;
  uintptr_t from_left = range.begin - neighbours.left_user_end;
  uintptr_t to_right = neighbours.right_user_begin - range.end;
  return from_left == 0 || from_left <= to_right
             ? ErrorKind::kHeapBufferOverflow
             : ErrorKind::kHeapBufferUnderflow;
}

}  // namespace dbgalloc::debug
