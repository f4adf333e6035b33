// One leak scan: from a locked heap and its roots to the list of lost blocks.
//
// Runs where nothing moves: in the process itself while its other threads are
// stopped, or in a copy of it. Takes no lock and allocates nothing but pages.
#ifndef DBGALLOC_ALLOC_LEAK_LEAK_SCAN_H_
#define DBGALLOC_ALLOC_LEAK_LEAK_SCAN_H_

#include <cstddef>
#include <cstdint>

#include "alloc/heap/heap.h"
#include "alloc/leak/roots.h"

namespace dbgalloc::leak {

// One block that a scan lists.
struct ListedBlock {
  static constexpr uint32_t kReachable = UINT32_MAX;

  heap::Span* span = nullptr;
  uint32_t slot = 0;
  // The number, in the list, of the direct block that it belongs to (its own
  // when it is direct); kReachable: it is not lost.
  uint32_t head = 0;
};

// What a scan found; written by it, maybe in another process.
struct ScanFindings {
  bool complete = false;  // false: no memory, or no /proc; nothing is known
  uint32_t lost = 0;      // listed first
  uint32_t listed = 0;
  uint64_t unlisted = 0;  // blocks that found no room in the list
  uint64_t unreadable_bytes = 0;
  // Lost blocks that are not listed, because threads that could not be stopped
  // allocated them and may hold them in registers.
  uint64_t withheld = 0;
  uint64_t scan_nanoseconds = 0;
};

struct ScanTask {
  RootSources sources;
  heap::Heap* heap = nullptr;
  Range heap_object;  // not followed
  bool list_reachable = false;
  // Only blocks whose allocation has a number from here on can be lost.
  uint64_t first_number = 0;
  // Lost blocks that a check has reported before are listed, too.
  bool tells_again = false;
  ScanFindings* findings = nullptr;
  ListedBlock* list = nullptr;
  size_t list_capacity = 0;
};

void RunScan(const ScanTask& task);

}  // namespace dbgalloc::leak

#endif  // DBGALLOC_ALLOC_LEAK_LEAK_SCAN_H_
