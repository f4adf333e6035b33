// The process's own stacks as formats see them.
#ifndef DBGALLOC_ALLOC_REPORT_PROCESS_FRAMES_H_
#define DBGALLOC_ALLOC_REPORT_PROCESS_FRAMES_H_

#include <cstddef>
#include <cstdint>

#include "alloc/report/frame_source.h"

namespace dbgalloc::report {

// Stacks of the global depot, described by the symbolizer; with symbolize=0 by
// module and offset alone.
class ProcessFrames final : public FrameSource {
 public:
  constexpr explicit ProcessFrames(bool symbolize) : symbolize_(symbolize) {}

  size_t Find(uint32_t stack, const uintptr_t** counters) override;
  uint32_t HashOf(uint32_t stack) override;
  void Describe(uintptr_t program_counter, CounterKind kind,
                FrameVisitor& visitor) override;
  void DescribeModule(uintptr_t program_counter,
                      FrameVisitor& visitor) override;

  // Gives back the memory that names and debug information took.
  void Release();
  // The names alone: the next ones are found at once.
  void ReleaseTexts();

  // For a forked child: whatever another thread of its parent was doing with
  // symbols, it will not go on here.
  static void ResetAfterFork();

 private:
  bool symbolize_;
};

}  // namespace dbgalloc::report

#endif  // DBGALLOC_ALLOC_REPORT_PROCESS_FRAMES_H_
