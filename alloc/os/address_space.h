// Which values can be addresses of a program on this processor.
#ifndef DBGALLOC_ALLOC_OS_ADDRESS_SPACE_H_
#define DBGALLOC_ALLOC_OS_ADDRESS_SPACE_H_

#include <cstdint>

namespace dbgalloc::os {

#if defined(__aarch64__)

// What a system gives that was not asked for an address beyond.
inline constexpr unsigned kAddressBits = 48;
// What it gives at most.
inline constexpr unsigned kMostAddressBits = 52;

// The processor ignores the top byte of an address; programs keep tags there.
inline constexpr uintptr_t PlainAddress(uintptr_t address) {
  return address & ~(uintptr_t{0xff} << 56);
}

#else

inline constexpr unsigned kAddressBits = sizeof(uintptr_t) == 8 ? 47 : 32;
inline constexpr unsigned kMostAddressBits = sizeof(uintptr_t) == 8 ? 56 : 32;

inline constexpr uintptr_t PlainAddress(uintptr_t address) { return address; }

#endif

// Whether an address lies below 2^bits.
template <unsigned bits>
constexpr bool IsBelow(uintptr_t address) {
  if constexpr (bits >= sizeof(uintptr_t) * 8) {
    return true;
  } else {
    return (address >> bits) == 0;
  }
}

}  // namespace dbgalloc::os

#endif  // DBGALLOC_ALLOC_OS_ADDRESS_SPACE_H_
