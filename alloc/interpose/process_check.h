// One leak check of the program's malloc, from the request to its report.
#ifndef DBGALLOC_ALLOC_INTERPOSE_PROCESS_CHECK_H_
#define DBGALLOC_ALLOC_INTERPOSE_PROCESS_CHECK_H_

#include <cstdint>

#include "alloc/base/text_writer.h"
#include "alloc/debug/debug_heap.h"
#include "alloc/debug/leak_groups.h"
#include "alloc/leak/leak_check.h"
#include "alloc/os/saved_registers.h"
#include "alloc/report/reporter.h"
#include "alloc/stack/caller_frame.h"
#include "dbgalloc/error_sink.h"

namespace dbgalloc::interpose {

// Made by a caller that is inside the heap; one at a time in a process.
class ProcessCheck {
 public:
  // Blocks that were found go to `take`, which returns those that count.
  using Take = report::ToldLeaks (*)(void* context, const LeakReport& report);

  ProcessCheck(debug::DebugHeap& heap, Operation operation, Take take,
               void* context)
      : heap_(heap), operation_(operation), take_(take), context_(context) {}

  // Only blocks with this number or a higher one can be lost; the threads stand
  // still for the whole scan.
  void LookSince(uint64_t number);
  // Of the code that allocated them, for the report.
  void NameRegion(const char* name) { region_ = name; }
  // Blocks count that earlier checks have reported, too.
  void TellAgain() { request_.tells_again = true; }
  // Later checks report what this one found, too.
  void KeepUnreported() { keeps_unreported_ = true; }

  // Looks for lost blocks. `caller` called the entry point, whose registers are
  // `registers`.
  report::ToldLeaks FindLost(const stack::CallerFrame& caller,
                             const os::SavedRegisters& registers);
  // All that live.
  report::ToldLeaks FindNotFreed();

 private:
  void Prepare(const stack::CallerFrame& caller,
               const os::SavedRegisters& registers);
  bool Scan(leak::LeakCheck& check);
  BlockDescription Describe(const leak::ListedBlock& listed) const;
  report::ToldLeaks ReportLost(const leak::LeakCheck& check);
  void ReportReachable(const leak::LeakCheck& check);
  report::ToldLeaks Report(debug::LeakGroups& groups, LeakReach reach);

  debug::DebugHeap& heap_;
  Operation operation_;
  Take take_;
  void* context_;
  uint64_t since_ = 0;
  bool stands_still_ = false;
  bool keeps_unreported_ = false;
  const char* region_ = "";
  leak::CheckRequest request_;
  const char* scan_ = "";
};

}  // namespace dbgalloc::interpose

#endif  // DBGALLOC_ALLOC_INTERPOSE_PROCESS_CHECK_H_
