// What the bug programs share: ways to keep an optimizer from seeing, and
// removing, the mistake that a program is there to make.
#ifndef TESTDATA_BUGS_BUG_H_
#define TESTDATA_BUGS_BUG_H_

#include <cstddef>

// The same pointer, of unknown origin: malloc and free pairs stay, and nothing
// is concluded from what was done to the block before.
template <typename T>
T* Opaque(T* pointer) {
  asm volatile("" : "+r"(pointer) : : "memory");
  return pointer;
}

// Writes one byte that is not dead, however soon the block is freed.
inline void Poke(void* block, ptrdiff_t offset, char value = 'x') {
  static_cast<volatile char*>(block)[offset] = value;
}

#endif  // TESTDATA_BUGS_BUG_H_
