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

MemoryContents CopyAround(const DamagedRange& range, uintptr_t span_begin,
                          uintptr_t span_end) {
  constexpr uintptr_t kRow = 16;
  constexpr uintptr_t kPage = 4096;  // at most what pages have anywhere
  const uintptr_t page_begin = range.begin / kPage * kPage;
  const uintptr_t page_end = (range.end + kPage - 1) / kPage * kPage;
  uintptr_t begin = range.begin / kRow * kRow - kRow;
  if (begin < page_begin) begin = page_begin;
  if (begin < span_begin) begin = span_begin;
  uintptr_t end = begin + kMaxMemory;
  if (end > page_end) end = page_end;
  if (end > span_end) end = span_end;
  MemoryContents contents;
  contents.begin = begin;
  contents.size = static_cast<uint32_t>(end - begin);
  const auto* bytes = reinterpret_cast<const uint8_t*>(begin);
  for (uint32_t i = 0; i < contents.size; ++i) contents.bytes[i] = bytes[i];
  return contents;
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
