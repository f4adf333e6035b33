// The line of the text form that tells of the block concerned and its life.
#ifndef DBGALLOC_ALLOC_REPORT_TEXT_BLOCK_H_
#define DBGALLOC_ALLOC_REPORT_TEXT_BLOCK_H_

#include "alloc/base/text_writer.h"
#include "dbgalloc/error_record.h"

namespace dbgalloc::report {

// Nothing when no block is known.
void WriteBlockLine(base::TextWriter& out, const ErrorRecord& record);

}  // namespace dbgalloc::report

#endif  // DBGALLOC_ALLOC_REPORT_TEXT_BLOCK_H_
