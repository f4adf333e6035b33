#include <errno.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>

#include "alloc/os/errno_keeper.h"
#include "alloc/os/mapping_budget.h"
#include "alloc/os/memory_probe.h"
#include "alloc/os/pages.h"

// Newer than the headers of the oldest system that we build on.
#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102
#define MADV_GUARD_REMOVE 103
#endif
#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4
#endif

namespace dbgalloc::os {
namespace {

constexpr int kReadWrite = PROT_READ | PROT_WRITE;
constexpr int kAnonymous = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;

// 0: not tried, 1: the kernel has guard markers, 2: it has none.
constinit std::atomic<int> guard_markers{0};
// A range was closed by protection, memory being locked.
constinit std::atomic<bool> closed_by_protection{false};

// An inaccessible range splits the mapping that it lies in, an accessible one
// an inaccessible mapping: two more.
constexpr size_t kMappingsOfAPiece = 2;

// Without the reservation of huge pages a fault could find none left.
constexpr int kAnonymousHuge = MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB;

// Smaller mappings lie among others that are aligned to a page only.
constexpr size_t kWorthATry = size_t{128} << 10;

// Where the last mapping that had to be aligned begins.
constinit std::atomic<uintptr_t> last_aligned{0};

// `hint`: where it shall lie if nothing is there; 0: anywhere.
void* Map(size_t size, int flags, uintptr_t hint = 0) {
  void* mapped =
      mmap(reinterpret_cast<void*>(hint), size, kReadWrite, flags, -1, 0);
  return mapped == MAP_FAILED ? nullptr : mapped;
}

void NoteAligned(void* address) {
  last_aligned.store(reinterpret_cast<uintptr_t>(address),
                     std::memory_order_relaxed);
}

// Maps with slack and trims it, so that the result is aligned.
void* MapAligned(size_t size, size_t alignment, int flags) {
  ErrnoKeeper keeper;
  if (alignment <= PageSize()) return Map(size, flags);
  if (size + alignment < size) return nullptr;
  uintptr_t mask = alignment - 1;
  // Below the last one there is mostly room.
  if (size >= kWorthATry) {
    const uintptr_t last = last_aligned.load(std::memory_order_relaxed);
    const uintptr_t hint = last > size ? (last - size) & ~mask : 0;
    char* straight = static_cast<char*>(Map(size, flags, hint));
    if (straight == nullptr) return nullptr;
    if ((reinterpret_cast<uintptr_t>(straight) & mask) == 0) {
      NoteAligned(straight);
      return straight;
    }
    munmap(straight, size);
  }
  char* begin = static_cast<char*>(Map(size + alignment, flags));
  if (begin == nullptr) return nullptr;
  // The highest aligned place: addresses are given from high to low, and what
  // touches the last mapping merges with it.
  size_t before = ((reinterpret_cast<uintptr_t>(begin) + alignment) & ~mask) -
                  reinterpret_cast<uintptr_t>(begin);
  size_t behind = alignment - before;
  if (before != 0) munmap(begin, before);
  if (behind != 0) munmap(begin + before + size, behind);
  NoteAligned(begin + before);
  return begin + before;
}

bool Fold(void* address, size_t size) {
  return mmap(address, size, PROT_NONE, kAnonymous | MAP_FIXED, -1, 0) ==
         address;
}

bool Protect(void* address, size_t size, int protection) {
  return mprotect(address, size, protection) == 0;
}

bool InstallGuard(void* address, size_t size) {
  if (guard_markers.load(std::memory_order_relaxed) == 2) return false;
  if (madvise(address, size, MADV_GUARD_INSTALL) == 0) {
    if (guard_markers.load(std::memory_order_relaxed) == 1) return true;
    // Emulators accept any advice, and do nothing.
    const bool is_closed = !IsReadable(reinterpret_cast<uintptr_t>(address));
    guard_markers.store(is_closed ? 1 : 2, std::memory_order_relaxed);
    return is_closed;
  }
  // EINVAL also comes for locked memory; only a kernel that never installed
  // one is known to have none.
  int untried = 0;
  if (errno == EINVAL) guard_markers.compare_exchange_strong(untried, 2);
  return false;
}

}  // namespace

size_t PageSize() {
  static constinit std::atomic<size_t> known{0};
  size_t size = known.load(std::memory_order_relaxed);
  if (size != 0) return size;
  size = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  known.store(size, std::memory_order_relaxed);
  return size;
}

void* MapPages(size_t size, size_t alignment) {
  return MapAligned(size, alignment, kAnonymous);
}

void* MapHugePages(size_t size, size_t alignment) {
  return MapAligned(size, alignment, kAnonymousHuge);
}

bool CommitPages(void* address, size_t size) {
  ErrnoKeeper keeper;
  return mmap(address, size, kReadWrite, kAnonymous | MAP_FIXED, -1, 0) ==
         address;
}

void* ReservePages(size_t size) {
  ErrnoKeeper keeper;
  void* reserved = mmap(nullptr, size, PROT_NONE, kAnonymous, -1, 0);
  return reserved == MAP_FAILED ? nullptr : reserved;
}

bool SetPagesWritable(void* address, size_t size, bool writable) {
  ErrnoKeeper keeper;
  return Protect(address, size, writable ? kReadWrite : PROT_READ);
}

bool DiscardPages(void* address, size_t size) {
  ErrnoKeeper keeper;
  return madvise(address, size, MADV_DONTNEED) == 0;
}

bool RetirePages(void* address, size_t size) {
  ErrnoKeeper keeper;
  if (InstallGuard(address, size) || FoldPages(address, size)) return true;
  madvise(address, size, MADV_DONTNEED);
  return false;
}

bool FoldPages(void* address, size_t size) {
  ErrnoKeeper keeper;
  return TakeMappings(kMappingsOfAPiece) && Fold(address, size);
}

bool ClosePages(void* address, size_t size) {
  ErrnoKeeper keeper;
  if (InstallGuard(address, size)) return true;
  closed_by_protection.store(true, std::memory_order_relaxed);
  return Fold(address, size);
}

// Markers are all that has to go, unless something was closed without them.
bool OpenPages(void* address, size_t size) {
  ErrnoKeeper keeper;
  if (guard_markers.load(std::memory_order_relaxed) == 1) {
    if (madvise(address, size, MADV_GUARD_REMOVE) != 0) return false;
    if (!closed_by_protection.load(std::memory_order_relaxed)) return true;
  }
  return TakeMappings(kMappingsOfAPiece) && Protect(address, size, kReadWrite);
}

bool ReactivatePages(void* address, size_t size) {
  ErrnoKeeper keeper;
  if (guard_markers.load(std::memory_order_relaxed) == 1 &&
      madvise(address, size, MADV_GUARD_REMOVE) != 0) {
    return false;
  }
  return Protect(address, size, kReadWrite);
}

void ReleasePages(void* address, size_t size) {
  ErrnoKeeper keeper;
  munmap(address, size);
}

void* MovePages(void* address, size_t old_size, size_t new_size) {
  ErrnoKeeper keeper;
  void* moved = mremap(address, old_size, new_size, MREMAP_MAYMOVE);
  return moved == MAP_FAILED ? nullptr : moved;
}

void PreferLargePages(void* address, size_t size) {
  ErrnoKeeper keeper;
  madvise(address, size, MADV_HUGEPAGE);
}

void AvoidLargePages(void* address, size_t size) {
  ErrnoKeeper keeper;
  madvise(address, size, MADV_NOHUGEPAGE);
}

// The kernel moves what is one mapping to it; memory that was moved here before
// is another than what was added behind it since. Then each half goes alone.
bool MoveContents(void* from, void* to, size_t size) {
  ErrnoKeeper keeper;
  constexpr int kMove = MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP;
  if (mremap(from, size, size, kMove, to) == to) return true;
  bool are_several = errno == EFAULT;
  // The kernel may have unmapped the target before it refused.
  CommitPages(to, size);
  size_t half = (size / 2) & ~(PageSize() - 1);
  if (!are_several || half == 0) return false;
  char* from_rest = static_cast<char*>(from) + half;
  char* to_rest = static_cast<char*>(to) + half;
  if (!MoveContents(from, to, half)) return false;
  if (MoveContents(from_rest, to_rest, size - half)) return true;
  MoveContents(to, from, half);
  return false;
}

bool GrowInPlace(void* address, size_t old_size, size_t new_size) {
  ErrnoKeeper keeper;
  return mremap(address, old_size, new_size, 0) == address;
}

size_t ResidentBytes(const void* address, size_t size) {
  ErrnoKeeper keeper;
  constexpr size_t kPagesAtOnce = 4096;
  unsigned char present[kPagesAtOnce];
  uintptr_t at = reinterpret_cast<uintptr_t>(address);
  uintptr_t end = at + size;
  size_t resident = 0;
  while (at < end) {
    size_t pages = (end - at) / PageSize();
    if (pages > kPagesAtOnce) pages = kPagesAtOnce;
    size_t bytes = pages * PageSize();
    if (mincore(reinterpret_cast<void*>(at), bytes, present) == 0) {
      for (size_t i = 0; i < pages; ++i) resident += present[i] & 1;
    }
    at += bytes;
  }
  return resident * PageSize();
}

size_t AddressSpaceLimit() {
  ErrnoKeeper keeper;
  struct rlimit limit = {};
  if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) {
    return SIZE_MAX;
  }
  return static_cast<size_t>(limit.rlim_cur);
}

}  // namespace dbgalloc::os
