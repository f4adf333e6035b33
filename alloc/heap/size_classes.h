// Size classes of small blocks: which capacities slots have.
//
//   16, 32, ... 256 in steps of 16, then 8 classes a doubling:
//   288, 320, ... 512, 576, ... 1024, ... up to a quarter of the span
//
// So at most one byte in nine is slack above 128 bytes. All capacities are
// multiples of 16, the alignment that malloc promises.
#ifndef DBGALLOC_ALLOC_HEAP_SIZE_CLASSES_H_
#define DBGALLOC_ALLOC_HEAP_SIZE_CLASSES_H_

#include <cstddef>
#include <cstdint>

namespace dbgalloc::heap {

inline constexpr unsigned kGranuleLog2 = 4;
inline constexpr size_t kGranule = size_t{1} << kGranuleLog2;
inline constexpr size_t kLinearLimit = 256;  // steps of kGranule up to here
inline constexpr size_t kLinearClasses = kLinearLimit / kGranule;
inline constexpr unsigned kClassesPerDoublingLog2 = 3;
inline constexpr size_t kClassesPerDoubling = 1 << kClassesPerDoublingLog2;
// Capacities up to 1 MiB, for the largest page_size that options allow.
inline constexpr size_t kMaxClasses = kLinearClasses + 12 * kClassesPerDoubling;

constexpr size_t RoundUp(size_t value, size_t alignment) {
  return (value + alignment - 1) & ~(alignment - 1);
}

constexpr unsigned Log2Floor(size_t value) {
  return 63U - static_cast<unsigned>(__builtin_clzll(value));
}

// The smallest class whose capacity is at least `size`; size 0 counts as 1.
constexpr size_t SizeClassOf(size_t size) {
  if (size <= kLinearLimit) return size == 0 ? 0 : (size - 1) / kGranule;
  unsigned doubling = Log2Floor(size - 1);  // 2^doubling < size
  unsigned step_log2 = doubling - kClassesPerDoublingLog2;
  size_t within = (size - 1 - (size_t{1} << doubling)) >> step_log2;
  return kLinearClasses + (doubling - 8) * kClassesPerDoubling + within;
}

constexpr size_t ClassCapacity(size_t size_class) {
  if (size_class < kLinearClasses) return (size_class + 1) * kGranule;
  size_t index = size_class - kLinearClasses;
  size_t base = kLinearLimit << (index / kClassesPerDoubling);
  return base +
         (index % kClassesPerDoubling + 1) * (base / kClassesPerDoubling);
}

// Spans of other kinds have classes of their own, for what is kept by class:
// large spans, and guarded spans by the data pages of their slots.
inline constexpr size_t kLargeClass = kMaxClasses;
inline constexpr size_t kMaxGuardedPages = 8;
constexpr size_t GuardedClassOf(size_t data_pages) {
  return kLargeClass + data_pages;
}
inline constexpr size_t kAllClasses = GuardedClassOf(kMaxGuardedPages) + 1;

static_assert(SizeClassOf(257) == kLinearClasses);
static_assert(ClassCapacity(SizeClassOf(257)) == 288);
static_assert(ClassCapacity(SizeClassOf(512)) == 512);
static_assert(ClassCapacity(kMaxClasses - 1) == size_t{1} << 20);

}  // namespace dbgalloc::heap

#endif  // DBGALLOC_ALLOC_HEAP_SIZE_CLASSES_H_
