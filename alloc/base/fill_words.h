// Writes one word many times, without a call: a call in the middle of a fast
// path costs it the registers that calls do not keep.
#ifndef DBGALLOC_ALLOC_BASE_FILL_WORDS_H_
#define DBGALLOC_ALLOC_BASE_FILL_WORDS_H_

#include <cstddef>
#include <cstdint>

namespace dbgalloc::base {

// `address` is a multiple of 8. Worth it from some hundred bytes on.
[[gnu::always_inline]] inline void FillWords(uintptr_t address, size_t words,
                                             uint64_t word) {
#if defined(__x86_64__)
  asm volatile("rep stosq" : "+D"(address), "+c"(words) : "a"(word) : "memory");
#else
  using Word [[gnu::may_alias]] = uint64_t;
  Word* to = reinterpret_cast<Word*>(address);
  for (size_t i = 0; i < words; ++i) to[i] = word;
#endif
}

}  // namespace dbgalloc::base

#endif  // DBGALLOC_ALLOC_BASE_FILL_WORDS_H_
