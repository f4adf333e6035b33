// malloc's family to the letter of C, POSIX and glibc 2.36. The same program
// runs linked with //:malloc, under libdbgalloc.so, and with allocator=system,
// where glibc itself must pass.
#include <errno.h>
#include <gtest/gtest.h>
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <set>
#include <vector>

#include "dbgalloc/c_api.h"

namespace {

// Keeps the compiler from knowing what malloc returned or was asked for.
template <typename T>
T Opaque(T value) {
  asm volatile("" : "+r"(value) : : "memory");
  return value;
}

// No address space holds as much, and no arithmetic overflows with it.
constexpr auto kTooMuch = static_cast<size_t>(
    sizeof(size_t) == 8 ? uint64_t{1} << 60 : uint64_t{3} << 30);
// Its square is the first number that is too large for a size.
constexpr size_t kRootOfTooMuch = size_t{1} << (sizeof(size_t) * 4);

constexpr int kOddErrno = 4711;

bool IsAligned(const void* block, size_t alignment) {
  return reinterpret_cast<uintptr_t>(block) % alignment == 0;
}

bool ServedByUs() { return dbgalloc_is_active && dbgalloc_is_active(); }

bool OptionsSay(const char* setting) {
  const char* options = getenv("DBGALLOC_TARGET_OPTIONS");
  return options != nullptr && strstr(options, setting) != nullptr;
}

// The pool hands out whole blocks of its sizes.
bool ServedByPool() { return OptionsSay("allocator=pool"); }

TEST(Malloc, IsReplacedInThisProgram) {
  ASSERT_TRUE(dbgalloc_is_active) << "neither linked nor preloaded";
  EXPECT_EQ(dbgalloc_is_active(), OptionsSay("allocator=system") ? 0 : 1);
}

TEST(Malloc, OfZeroBytesIsUniqueAndCanBeFreed) {
  std::set<void*> seen;
  for (int i = 0; i < 100; ++i) {
    void* block = malloc(Opaque<size_t>(0));
    ASSERT_NE(block, nullptr);
    EXPECT_TRUE(seen.insert(block).second);
  }
  for (void* block : seen) free(block);
}

TEST(Malloc, AlignsEveryBlockToSixteenBytes) {
  for (size_t size = 0; size < 5000; ++size) {
    void* block = malloc(Opaque(size));
    ASSERT_TRUE(IsAligned(block, 16)) << size;
    memset(block, 1, size);
    free(block);
  }
}

TEST(Malloc, RefusesMoreThanPtrdiffMax) {
  for (size_t size : {size_t{PTRDIFF_MAX} + 1, SIZE_MAX, SIZE_MAX - 15}) {
    errno = 0;
    EXPECT_EQ(malloc(Opaque(size)), nullptr) << size;
    EXPECT_EQ(errno, ENOMEM);
  }
}

TEST(Malloc, RefusesMoreThanTheMachineHas) {
  errno = 0;
  EXPECT_EQ(malloc(Opaque<size_t>(kTooMuch)), nullptr);
  EXPECT_EQ(errno, ENOMEM);
}

TEST(Malloc, LeavesErrnoWhenItSucceeds) {
  for (size_t size : {1u, 1000u, 100000u, 10000000u}) {
    errno = kOddErrno;
    void* block = malloc(Opaque(size));
    EXPECT_EQ(errno, kOddErrno) << size;
    free(block);
  }
}

TEST(Free, LeavesErrnoAlone) {
  for (size_t size : {1u, 1000u, 100000u, 10000000u}) {
    void* block = malloc(Opaque(size));
    errno = kOddErrno;
    free(block);
    EXPECT_EQ(errno, kOddErrno) << size;
  }
  free(nullptr);
  EXPECT_EQ(errno, kOddErrno);
}

TEST(Calloc, ZeroesAlsoMemoryThatWasUsedBefore) {
  for (size_t size : {1u, 24u, 1000u, 30000u, 200000u, 3000000u}) {
    for (int round = 0; round < 5; ++round) {
      char* block = static_cast<char*>(calloc(Opaque(size), 1));
      ASSERT_NE(block, nullptr);
      for (size_t i = 0; i < size; ++i) ASSERT_EQ(block[i], 0) << size;
      memset(block, 0x5a, size);
      free(block);
    }
  }
}

TEST(Calloc, RefusesAProductThatOverflows) {
  errno = 0;
  EXPECT_EQ(calloc(Opaque(SIZE_MAX / 2), 3), nullptr);
  EXPECT_EQ(errno, ENOMEM);
  errno = 0;
  EXPECT_EQ(calloc(Opaque(kRootOfTooMuch), kRootOfTooMuch), nullptr);
  EXPECT_EQ(errno, ENOMEM);
}

TEST(Calloc, OfZeroElementsIsABlock) {
  void* block = calloc(Opaque<size_t>(0), 100);
  EXPECT_NE(block, nullptr);
  free(block);
}

TEST(Realloc, OfNullIsMalloc) {
  void* block = realloc(Opaque<void*>(nullptr), 100);
  EXPECT_NE(block, nullptr);
  free(block);
  block = realloc(Opaque<void*>(nullptr), 0);
  EXPECT_NE(block, nullptr);
  free(block);
}

TEST(Realloc, ToZeroFreesAndYieldsNullAsGlibc) {
  void* block = malloc(Opaque<size_t>(100));
  errno = kOddErrno;
  EXPECT_EQ(realloc(Opaque(block), 0), nullptr);
  EXPECT_EQ(errno, kOddErrno);
}

TEST(Realloc, KeepsWhatFits) {
  const size_t sizes[] = {1,    10,      17,     100,     5000, 70000,
                          3000, 2000000, 140000, 5000000, 33,   1};
  size_t old_size = 1;
  unsigned char* block = static_cast<unsigned char*>(malloc(old_size));
  block[0] = 0;
  for (size_t size : sizes) {
    block = static_cast<unsigned char*>(realloc(Opaque(block), size));
    ASSERT_NE(block, nullptr);
    ASSERT_TRUE(IsAligned(block, 16));
    size_t kept = old_size < size ? old_size : size;
    for (size_t i = 0; i < kept; ++i) {
      ASSERT_EQ(block[i], static_cast<unsigned char>(i * 7))
          << i << " " << size;
    }
    for (size_t i = 0; i < size; ++i) {
      block[i] = static_cast<unsigned char>(i * 7);
    }
    old_size = size;
  }
  free(block);
}

TEST(Realloc, LeavesTheBlockWhenItFails) {
  char* block = static_cast<char*>(malloc(Opaque<size_t>(100)));
  memset(block, 'x', 100);
  for (size_t size : {SIZE_MAX, size_t{PTRDIFF_MAX} + 1, kTooMuch}) {
    errno = 0;
    EXPECT_EQ(realloc(Opaque(block), Opaque(size)), nullptr);
    EXPECT_EQ(errno, ENOMEM);
    for (int i = 0; i < 100; ++i) ASSERT_EQ(block[i], 'x');
  }
  free(block);
}

TEST(Reallocarray, MultipliesAndRefusesWhatOverflows) {
  void* block = reallocarray(nullptr, Opaque<size_t>(10), 10);
  ASSERT_NE(block, nullptr);
  memset(block, 1, 100);
  errno = 0;
  EXPECT_EQ(reallocarray(Opaque(block), Opaque(SIZE_MAX / 4), 5), nullptr);
  EXPECT_EQ(errno, ENOMEM);
  EXPECT_EQ(reallocarray(Opaque(block), 0, 5), nullptr);  // freed
}

TEST(PosixMemalign, AlignsAndRefusesBadAlignments) {
  for (size_t alignment = sizeof(void*); alignment <= size_t{1} << 22;
       alignment *= 2) {
    void* block = nullptr;
    ASSERT_EQ(posix_memalign(&block, alignment, 100), 0) << alignment;
    EXPECT_TRUE(IsAligned(block, alignment));
    memset(block, 1, 100);
    free(block);
  }
  for (size_t alignment :
       {size_t{0}, size_t{1}, size_t{4}, size_t{12}, size_t{24}, SIZE_MAX}) {
    void* untouched = &alignment;
    EXPECT_EQ(posix_memalign(&untouched, Opaque(alignment), 8), EINVAL);
    EXPECT_EQ(untouched, &alignment);
  }
}

TEST(PosixMemalign, SaysEnomemInItsResult) {
  void* untouched = &untouched;
  EXPECT_EQ(posix_memalign(&untouched, 64, Opaque(SIZE_MAX - 100)), ENOMEM);
  EXPECT_EQ(untouched, &untouched);
}

TEST(Memalign, RoundsUpToAPowerOfTwoAsGlibc) {
  for (size_t alignment : {0u, 1u, 3u, 16u, 24u, 100u, 5000u}) {
    size_t power = 16;
    while (power < alignment) power *= 2;
    void* block = memalign(Opaque(alignment), 50);
    ASSERT_NE(block, nullptr) << alignment;
    EXPECT_TRUE(IsAligned(block, power)) << alignment;
    free(block);
  }
  errno = 0;
  EXPECT_EQ(memalign(Opaque(SIZE_MAX), 1), nullptr);
  EXPECT_EQ(errno, EINVAL);
}

TEST(AlignedAlloc, TakesSizesThatAreNoMultiple) {
  void* block = aligned_alloc(Opaque<size_t>(256), 100);
  ASSERT_NE(block, nullptr);
  EXPECT_TRUE(IsAligned(block, 256));
  free(block);
  errno = 0;
  EXPECT_EQ(aligned_alloc(Opaque<size_t>(64), Opaque(SIZE_MAX - 10)), nullptr);
  EXPECT_EQ(errno, ENOMEM);
}

TEST(Valloc, AlignsToPages) {
  size_t page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  void* block = valloc(10);
  EXPECT_TRUE(IsAligned(block, page));
  free(block);
  block = pvalloc(10);
  ASSERT_TRUE(IsAligned(block, page));
  EXPECT_GE(malloc_usable_size(block), page);
  memset(block, 1, page);
  free(block);
  errno = 0;
  EXPECT_EQ(pvalloc(Opaque(SIZE_MAX - 10)), nullptr);
  EXPECT_EQ(errno, ENOMEM);
}

TEST(Memalign, AlignedBlocksCanBeReallocated) {
  void* block = memalign(4096, 100);
  memset(block, 'y', 100);
  char* moved = static_cast<char*>(realloc(Opaque(block), 10000));
  for (int i = 0; i < 100; ++i) ASSERT_EQ(moved[i], 'y');
  free(moved);
}

TEST(MallocUsableSize, IsUsableAndStaysTheSame) {
  EXPECT_EQ(malloc_usable_size(nullptr), 0u);
  for (size_t size : {0u, 1u, 13u, 100u, 4096u, 100000u, 5000000u}) {
    void* block = malloc(Opaque(size));
    size_t usable = malloc_usable_size(block);
    EXPECT_GE(usable, size);
    if (ServedByUs() && !ServedByPool()) {
      EXPECT_EQ(usable, size);
    }
    memset(Opaque(block), 1, usable);
    EXPECT_EQ(malloc_usable_size(block), usable);
    free(block);
  }
}

// Newer than the headers of glibc 2.36; with allocator=system they free, too.
extern "C" {
[[gnu::weak]] void free_sized(void* block, size_t size);
[[gnu::weak]] void free_aligned_sized(void* block, size_t alignment,
                                      size_t size);
}

TEST(FreeSized, FreesWhatMallocAndAlignedAllocGave) {
  ASSERT_TRUE(free_sized != nullptr);
  ASSERT_TRUE(free_aligned_sized != nullptr);
  free_sized(malloc(Opaque<size_t>(100)), 100);
  free_sized(calloc(Opaque<size_t>(5), 20), 100);
  free_sized(nullptr, 5);
  free_aligned_sized(aligned_alloc(128, 256), 128, 256);
  free_aligned_sized(nullptr, 128, 256);
}

TEST(CApi, CountsWhatTheProgramDoes) {
  dbgalloc_stats before = {};
  if (!ServedByUs()) {
    EXPECT_EQ(dbgalloc_get_stats(&before, sizeof(before)), -1);
    return;
  }
  ASSERT_EQ(dbgalloc_get_stats(&before, sizeof(before)), 0);
  std::vector<void*> blocks(100);
  for (void*& block : blocks) block = malloc(Opaque<size_t>(1000));
  dbgalloc_stats after = {};
  ASSERT_EQ(dbgalloc_get_stats(&after, sizeof(after)), 0);
  EXPECT_GE(after.allocations, before.allocations + 100);
  EXPECT_GE(after.live_bytes, before.live_bytes + 100000);
  EXPECT_EQ(after.errors, 0u);
  for (void* block : blocks) free(block);
  EXPECT_EQ(dbgalloc_check_heap_now(), 0u);
}

TEST(CApi, FillsNoMoreThanTheCallerHasRoomFor) {
  if (!ServedByUs()) return;
  uint64_t room[2] = {0, 77};
  auto* stats = reinterpret_cast<dbgalloc_stats*>(room);
  ASSERT_EQ(dbgalloc_get_stats(stats, sizeof(room[0])), 0);
  EXPECT_NE(room[0], 0u);
  EXPECT_EQ(room[1], 77u);
}

}  // namespace
