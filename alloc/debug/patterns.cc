#include "alloc/debug/patterns.h"

namespace dbgalloc::debug {
namespace {

// So many bytes are compared before looking whether any differed.
constexpr uintptr_t kStride = 64;

uint8_t LoadByte(uintptr_t address) {
  return *reinterpret_cast<const uint8_t*>(address);
}

void StoreByte(uintptr_t address, uint8_t byte) {
  *reinterpret_cast<uint8_t*>(address) = byte;
}

}  // namespace

void Pattern::WriteRagged(uintptr_t begin, uintptr_t end) const {
  uintptr_t at = begin;
  for (; at < end && at % kWord != 0; ++at) StoreByte(at, ByteAt(at));
  for (; at + kWord <= end; at += kWord) *WordAt(at) = word_;
  for (; at < end; ++at) StoreByte(at, ByteAt(at));
}

uintptr_t Pattern::FindDifference(uintptr_t begin, uintptr_t end) const {
  uintptr_t at = begin;
  for (; at < end && at % kWord != 0; ++at) {
    if (LoadByte(at) != ByteAt(at)) return at;
  }
  for (; at + kStride <= end; at += kStride) {
    uint64_t difference = 0;
    for (uintptr_t word = at; word < at + kStride; word += kWord) {
      difference |= *WordAt(word) ^ word_;
    }
    if (__builtin_expect(difference != 0, 0)) break;
  }
  for (; at < end; ++at) {
    if (LoadByte(at) != ByteAt(at)) return at;
  }
  return end;
}

uintptr_t Pattern::FindLastDifference(uintptr_t begin, uintptr_t end) const {
  for (uintptr_t at = end; at > begin; --at) {
    if (LoadByte(at - 1) != ByteAt(at - 1)) return at;
  }
  return begin;
}

}  // namespace dbgalloc::debug
