#include "alloc/debug/patterns.h"

#include <cstring>

namespace dbgalloc::debug {
namespace {

constexpr uintptr_t kWord = sizeof(uint64_t);

uint64_t Load(uintptr_t address) {
  uint64_t word;
  memcpy(&word, reinterpret_cast<const void*>(address), kWord);
  return word;
}

void Store(uintptr_t address, uint64_t word) {
  memcpy(reinterpret_cast<void*>(address), &word, kWord);
}

uint8_t LoadByte(uintptr_t address) {
  return *reinterpret_cast<const uint8_t*>(address);
}

void StoreByte(uintptr_t address, uint8_t byte) {
  *reinterpret_cast<uint8_t*>(address) = byte;
}

}  // namespace

void Pattern::Write(uintptr_t begin, uintptr_t end) const {
  uintptr_t at = begin;
  for (; at < end && at % kWord != 0; ++at) StoreByte(at, ByteAt(at));
  for (; at + kWord <= end; at += kWord) Store(at, word_);
  for (; at < end; ++at) StoreByte(at, ByteAt(at));
}

uintptr_t Pattern::FindDifference(uintptr_t begin, uintptr_t end) const {
  uintptr_t at = begin;
  // The word that the range begins in is compared whole and its head masked.
  if (at % kWord != 0 && at - at % kWord + kWord <= end) {
    unsigned head = 8 * static_cast<unsigned>(at % kWord);
    uint64_t difference = (Load(at - at % kWord) ^ word_) >> head;
    if (difference != 0) {
      return at + static_cast<unsigned>(__builtin_ctzll(difference)) / 8;
    }
    at += kWord - at % kWord;
  }
  for (; at + kWord <= end && at % kWord == 0; at += kWord) {
    uint64_t difference = Load(at) ^ word_;
    if (__builtin_expect(difference != 0, 0)) {
      return at + static_cast<unsigned>(__builtin_ctzll(difference)) / 8;
    }
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
