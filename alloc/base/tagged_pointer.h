// A pointer and a tag that are compared and replaced in one step, so that a
// list whose head went away and came back is not taken for unchanged.
//
// On machines of 64 bits the instruction is written out here: a compiler makes
// a library call of a 16-byte atomic. CanCompareTagged() says whether this
// processor has it; AArch64 has two, the one that needs no loop where LSE is.
#ifndef DBGALLOC_ALLOC_BASE_TAGGED_POINTER_H_
#define DBGALLOC_ALLOC_BASE_TAGGED_POINTER_H_

#include <atomic>
#include <cstdint>
#include <cstring>

#include "alloc/os/host_hooks.h"

#if defined(__SANITIZE_THREAD__)
#define DBGALLOC_HAS_THREAD_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define DBGALLOC_HAS_THREAD_SANITIZER 1
#endif
#endif

namespace dbgalloc::base {

struct alignas(2 * sizeof(uintptr_t)) TaggedPointer {
  uintptr_t pointer = 0;
  uintptr_t tag = 0;

  bool operator==(const TaggedPointer&) const = default;
};

// False also where ThreadSanitizer looks on: it sees no inline assembly.
inline bool CanCompareTagged() {
#if defined(DBGALLOC_HAS_THREAD_SANITIZER)
  return false;
#elif defined(__x86_64__)
  uint32_t features = 0;
  uint32_t ignored = 1;
  asm("cpuid" : "+a"(ignored), "=c"(features) : : "ebx", "edx");
  constexpr uint32_t kCompareExchange16 = 1u << 13;
  return (features & kCompareExchange16) != 0;
#elif defined(__aarch64__) || defined(__i386__)
  return true;
#else
  return false;
#endif
}

// AArch64: whether CompareAndSwap() is one instruction, not a loop of two.
inline bool HasLse() {
  static constinit std::atomic<int8_t> known{-1};
  int8_t has = known.load(std::memory_order_relaxed);
  if (__builtin_expect(has < 0, 0)) {
    has = dbgalloc_host_has_lse != nullptr && dbgalloc_host_has_lse() ? 1 : 0;
    known.store(has, std::memory_order_relaxed);
  }
  return has != 0;
}

#if defined(__aarch64__)

inline bool CompareAndSwapByLse(TaggedPointer& target, TaggedPointer expected,
                                TaggedPointer desired) {
  // The instruction wants pairs of neighbouring registers.
  register uintptr_t pointer asm("x0") = expected.pointer;
  register uintptr_t tag asm("x1") = expected.tag;
  register uintptr_t new_pointer asm("x2") = desired.pointer;
  register uintptr_t new_tag asm("x3") = desired.tag;
  asm volatile(
      ".arch_extension lse\n\t"
      "caspal %0, %1, %3, %4, %2"
      : "+r"(pointer), "+r"(tag), "+Q"(target)
      : "r"(new_pointer), "r"(new_tag)
      : "memory");
  return pointer == expected.pointer && tag == expected.tag;
}

#endif

// The two halves are loaded one after the other: a mixture is possible, and is
// refused by CompareAndSwap.
inline TaggedPointer LoadTagged(const TaggedPointer& from) {
  TaggedPointer value;
  value.tag = __atomic_load_n(&from.tag, __ATOMIC_ACQUIRE);
  value.pointer = __atomic_load_n(&from.pointer, __ATOMIC_ACQUIRE);
  return value;
}

// Stores `desired` if both halves are `expected`; a full barrier then. Only
// where CanCompareTagged().
inline bool CompareAndSwap(TaggedPointer& target, TaggedPointer expected,
                           TaggedPointer desired) {
#if defined(__x86_64__)
  bool swapped;
  asm volatile("lock cmpxchg16b %1"
               : "=@ccz"(swapped), "+m"(target), "+a"(expected.pointer),
                 "+d"(expected.tag)
               : "b"(desired.pointer), "c"(desired.tag)
               : "memory");
  return swapped;
#elif defined(__aarch64__)
  if (HasLse()) return CompareAndSwapByLse(target, expected, desired);
  uintptr_t pointer;
  uintptr_t tag;
  uint32_t failed;
  do {
    asm volatile("ldaxp %0, %1, %2"
                 : "=&r"(pointer), "=&r"(tag)
                 : "Q"(target)
                 : "memory");
    bool same = pointer == expected.pointer && tag == expected.tag;
    // What was loaded is stored back where it differs: only a store tells
    // whether both halves belonged together.
    TaggedPointer value = same ? desired : TaggedPointer{pointer, tag};
    asm volatile("stlxp %w0, %2, %3, %1"
                 : "=&r"(failed), "=Q"(target)
                 : "r"(value.pointer), "r"(value.tag)
                 : "memory");
    if (failed == 0) return same;
  } while (true);
#elif defined(__i386__)
  // A pointer and a tag are eight bytes, which compilers exchange in place.
  using Both [[gnu::may_alias]] = uint64_t;
  uint64_t before;
  uint64_t after;
  static_assert(sizeof(before) == sizeof(expected));
  memcpy(&before, &expected, sizeof(before));
  memcpy(&after, &desired, sizeof(after));
  return __atomic_compare_exchange_n(reinterpret_cast<Both*>(&target), &before,
                                     after, false, __ATOMIC_SEQ_CST,
                                     __ATOMIC_SEQ_CST);
#else
  static_cast<void>(target);
  static_cast<void>(expected);
  static_cast<void>(desired);
  return false;
#endif
}

}  // namespace dbgalloc::base

#endif  // DBGALLOC_ALLOC_BASE_TAGGED_POINTER_H_
