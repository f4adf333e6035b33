// The lines of the text form that tell of the block concerned, its life, and
// its neighbours.
#ifndef DBGALLOC_ALLOC_REPORT_TEXT_BLOCK_H_
#define DBGALLOC_ALLOC_REPORT_TEXT_BLOCK_H_

#include "alloc/base/text_writer.h"
#include "alloc/report/text_stack.h"
#include "dbgalloc/error_record.h"

namespace dbgalloc::report {

// Nothing when no block is known.
void WriteBlockLine(base::TextWriter& out, const ErrorRecord& record);

// What lies before and behind it in memory, with its stacks, as far as known.
void WriteNeighbours(base::TextWriter& out, StackWriter& stacks,
                     const ErrorRecord& record);

}  // namespace dbgalloc::report

#endif  // DBGALLOC_ALLOC_REPORT_TEXT_BLOCK_H_
