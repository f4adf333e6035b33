// Leak checks of the program's malloc: when they run, under which options, and
// what becomes of the findings.
#ifndef DBGALLOC_ALLOC_INTERPOSE_PROCESS_LEAKS_H_
#define DBGALLOC_ALLOC_INTERPOSE_PROCESS_LEAKS_H_

#include <cstddef>

#include "alloc/os/saved_registers.h"
#include "alloc/report/reporter.h"
#include "alloc/stack/caller_frame.h"
#include "dbgalloc/error_record.h"

namespace dbgalloc::interpose {

// Reports the lost blocks that were not reported before, and returns how many.
// `caller` called the entry point, whose registers are `registers`: the calling
// thread's stack is alive from there on. Nothing where detect_leaks=0, where
// the heap cannot be entered, or before it started.
size_t CheckLeaks(Operation operation, const stack::CallerFrame& caller,
                  const os::SavedRegisters& registers);

// From here on, for FindLeaksSince.
uint64_t MarkForLeaks();

// Lost blocks that were allocated since the mark and not reported before,
// suppressed ones apart. They count as reported from then on, but nothing is
// written and the exit status stays: the report goes into `text`. Other threads
// stand still meanwhile. Cheap when no block lives that is younger than the
// mark.
report::ToldLeaks FindLeaksSince(uint64_t mark,
                                 const stack::CallerFrame& caller,
                                 const os::SavedRegisters& registers,
                                 char* text, size_t capacity);

// A part of the program that a check is about.
struct RegionOfCode {
  uint64_t mark = 0;       // where it began
  const char* name = "";   // for the report
  bool not_freed = false;  // reachable blocks count, too
  bool silent = false;     // the counts alone are wanted
};

// Reports blocks that the region allocated, those that earlier checks have
// reported included, since regions nest. After a silent one nothing counts as
// reported that did not before.
report::ToldLeaks CheckRegion(const RegionOfCode& region,
                              const stack::CallerFrame& caller,
                              const os::SavedRegisters& registers);

// With leak_check_signal: a signal of that number asks for a check from now on.
void WatchLeakSignal();

// The check at the end of the process, unless it was made before
// (__lsan_do_leak_check) or the program turned it off.
void CheckLeaksAtExit(const stack::CallerFrame& caller,
                      const os::SavedRegisters& registers);

// The same check, now; ends the process when there are leaks.
void CheckLeaksInsteadOfAtExit(const stack::CallerFrame& caller,
                               const os::SavedRegisters& registers);

}  // namespace dbgalloc::interpose

#endif  // DBGALLOC_ALLOC_INTERPOSE_PROCESS_LEAKS_H_
