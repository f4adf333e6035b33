// The frames of one stack, as every format shows them.
#ifndef DBGALLOC_ALLOC_REPORT_STACK_WALK_H_
#define DBGALLOC_ALLOC_REPORT_STACK_WALK_H_

#include <cstdint>

#include "alloc/report/frame_source.h"
#include "alloc/report/surroundings.h"

namespace dbgalloc::report {

// Shows the frames of a stack, innermost first, without the hidden ones. False:
// no such stack was recorded. `from_fault`: the first program counter is where
// a signal came.
bool VisitStack(const Surroundings& surroundings, uint32_t stack,
                bool from_fault, FrameVisitor& visitor);

// The name of a stack across runs; 0: none is known. As text it has all its
// digits.
uint32_t HashOfStack(const Surroundings& surroundings, uint32_t stack);
inline constexpr int kStackHashDigits = 8;

}  // namespace dbgalloc::report

#endif  // DBGALLOC_ALLOC_REPORT_STACK_WALK_H_
