// The sizes in which small blocks are kept: multiples of 16 up to 128 bytes,
// then eight classes to each doubling up to 1 MiB, so that above 128 bytes less
// than an eighth of a block is never asked for.
//
//   class  1   2   ...  8    9   10  ...  16   17  ...  112
//   bytes  16  32  ... 128  144  160 ... 256  288  ...  1 MiB
#ifndef DBGALLOC_ALLOC_POOL_SIZE_CLASSES_H_
#define DBGALLOC_ALLOC_POOL_SIZE_CLASSES_H_

#include <cstddef>
#include <cstdint>

namespace dbgalloc::pool {

// 1..kClasses; 0 is no class.
using SizeClass = unsigned;

inline constexpr size_t kGranule = 16;
inline constexpr size_t kMaxSmallSize = size_t{1} << 20;
inline constexpr size_t kMaxSmallAlignment = size_t{64} << 10;
inline constexpr SizeClass kLinearClasses = 8;
inline constexpr unsigned kStepsLog2 = 3;
inline constexpr SizeClass kClasses = 112;
// Up to here a class is read off a table.
inline constexpr size_t kTableSize = 8192;

constexpr size_t ClassSize(SizeClass size_class) {
  if (size_class <= kLinearClasses) return size_class * kGranule;
  unsigned above = size_class - kLinearClasses - 1;
  unsigned doubling = above >> kStepsLog2;
  size_t step = (above & ((1u << kStepsLog2) - 1)) + 1;
  return (((size_t{1} << kStepsLog2) + step) * kGranule) << doubling;
}

namespace internal {

// For sizes in 129..kMaxSmallSize.
constexpr SizeClass ComputeClass(size_t size) {
  size_t last = size - 1;
  unsigned top = 63 - static_cast<unsigned>(__builtin_clzll(last));
  unsigned doubling = top - 7;  // 128..255: 0
  size_t step = (last >> (top - kStepsLog2)) & ((1u << kStepsLog2) - 1);
  return kLinearClasses + 1 + (doubling << kStepsLog2) +
         static_cast<unsigned>(step);
}

struct ClassTable {
  constexpr ClassTable() {
    for (size_t i = 0; i <= kTableSize / kGranule; ++i) {
      size_t size = i == 0 ? 1 : i * kGranule;
      classes[i] = static_cast<uint8_t>(size <= kLinearClasses * kGranule
                                            ? (size + kGranule - 1) / kGranule
                                            : ComputeClass(size));
    }
  }
  uint8_t classes[kTableSize / kGranule + 1] = {};
};

inline constexpr ClassTable kClassTable;

struct SizeTable {
  constexpr SizeTable() {
    for (SizeClass c = 1; c <= kClasses; ++c) {
      sizes[c] = static_cast<uint32_t>(ClassSize(c));
    }
  }
  uint32_t sizes[kClasses + 1] = {};
};

inline constexpr SizeTable kSizeTable;

}  // namespace internal

// ClassSize() by a look-up.
inline size_t TableClassSize(SizeClass size_class) {
  return internal::kSizeTable.sizes[size_class];
}

// The smallest class for `size` bytes, at most kTableSize of them.
inline SizeClass ClassOfTableSize(size_t size) {
  return internal::kClassTable.classes[(size + kGranule - 1) / kGranule];
}

// The smallest class for `size` bytes, at most kMaxSmallSize of them.
inline SizeClass ClassOf(size_t size) {
  if (size <= kTableSize) return ClassOfTableSize(size);
  return internal::ComputeClass(size);
}

// The smallest class whose blocks hold `size` bytes and are multiples of
// `alignment`, a power of two: a multiple of the alignment is a class by itself
// or rounds up to one of larger steps.
inline SizeClass ClassOf(size_t size, size_t alignment) {
  if (alignment <= kGranule) return ClassOf(size);
  size_t rounded = (size + alignment - 1) & ~(alignment - 1);
  return ClassOf(rounded == 0 ? alignment : rounded);
}

static_assert(ClassSize(1) == kGranule);
static_assert(ClassSize(kClasses) == kMaxSmallSize);

}  // namespace dbgalloc::pool

#endif  // DBGALLOC_ALLOC_POOL_SIZE_CLASSES_H_
