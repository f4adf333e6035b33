// A leak check from beginning to end: brings the process to a standstill, looks
// at it, and lets it go on.
//
//   Prepare   data segments are listed; nothing is held yet
//   Look      the heap is locked by the caller: threads stop; the scan runs in
//             place, or in a copy of the process, for which they stop only as
//             long as it takes to make it
//   Finish    waits for the copy
#ifndef DBGALLOC_ALLOC_LEAK_LEAK_CHECK_H_
#define DBGALLOC_ALLOC_LEAK_LEAK_CHECK_H_

#include <cstddef>
#include <cstdint>

#include "alloc/base/text_writer.h"
#include "alloc/heap/heap.h"
#include "alloc/leak/leak_scan.h"
#include "alloc/os/saved_registers.h"
#include "alloc/os/snapshot.h"
#include "alloc/os/thread_stop.h"

namespace dbgalloc::leak {

struct CheckRequest {
  heap::Heap* heap = nullptr;
  Range heap_object;  // not followed; the heap's records never are
  RootRules rules;
  os::SavedRegisters caller;
  bool caller_is_main = true;
  // The process goes on afterwards: it must not stand still for a whole scan.
  bool is_live = false;
  os::StopMethod stop = os::StopMethod::kSignal;
  bool list_reachable = false;
  uint64_t first_number = 0;       // see ScanTask
  bool tells_again = false;        // see ScanTask
  const Range* regions = nullptr;  // registered by the program
  size_t region_count = 0;
};

// One at a time in a process. Allocates nothing but pages.
class LeakCheck {
 public:
  explicit LeakCheck(const CheckRequest& request) : request_(request) {}
  ~LeakCheck();
  LeakCheck(const LeakCheck&) = delete;
  LeakCheck& operator=(const LeakCheck&) = delete;

  // False: no memory. Takes the dynamic linker's lock.
  bool Prepare();

  // The caller holds all locks of the heap.
  void Look();

  // Waits until the findings are there; false: there are none. The caller holds
  // no lock.
  bool Finish();

  const ScanFindings& findings() const { return *task_.findings; }
  // Those that are lost, then those that can be reached.
  const ListedBlock& operator[](size_t index) const {
    return task_.list[index];
  }

  // How long other threads stood still, at most.
  uint64_t pause_nanoseconds() const { return pause_nanoseconds_; }

  // "of a copy of the process, made while 3 other threads were stopped by a
  // signal", and what could not be looked at.
  void WriteHow(base::TextWriter& out) const;

 private:
  enum class Place : uint8_t { kNowhere, kHere, kCopy };

  static void AddSegment(void* context, uintptr_t begin, uintptr_t end);
  static void CutOut(void* context, uintptr_t begin, uintptr_t end);
  static void CountSegment(void* context, uintptr_t begin, uintptr_t end);
  static void Scan(void* task);
  void WriteStops(base::TextWriter& out) const;
  void WriteGaps(base::TextWriter& out) const;

  const CheckRequest& request_;
  ScanTask task_;
  os::ThreadStop threads_;
  os::Snapshot copy_;
  Place place_ = Place::kNowhere;
  Range* segments_ = nullptr;
  size_t segment_capacity_ = 0;
  size_t segment_count_ = 0;
  void* shared_ = nullptr;  // findings and list; shared where a copy scans
  size_t shared_bytes_ = 0;
  uint64_t pause_nanoseconds_ = 0;
  ScanMemory memory_;
};

}  // namespace dbgalloc::leak

#endif  // DBGALLOC_ALLOC_LEAK_LEAK_CHECK_H_
