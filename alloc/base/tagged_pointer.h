// A pointer and a tag that are compared and replaced in one step, so that a
// list whose head went away and came back is not taken for unchanged.
//
// The instruction is written out here: a compiler makes a library call of a
// 16-byte atomic. CanCompareTagged() says whether this processor has it.
#ifndef DBGALLOC_ALLOC_BASE_TAGGED_POINTER_H_
#define DBGALLOC_ALLOC_BASE_TAGGED_POINTER_H_

#include <cstdint>

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
#elif defined(__aarch64__)
  return true;
#else
  return false;
#endif
}

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
#else
  static_cast<void>(target);
  static_cast<void>(expected);
  static_cast<void>(desired);
  return false;
#endif
}

}  // namespace dbgalloc::base

#endif  // DBGALLOC_ALLOC_BASE_TAGGED_POINTER_H_
