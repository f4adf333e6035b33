// The bytes that were overwritten, beside those that should be there.
#ifndef DBGALLOC_ALLOC_REPORT_TEXT_DAMAGE_H_
#define DBGALLOC_ALLOC_REPORT_TEXT_DAMAGE_H_

#include "alloc/base/text_writer.h"
#include "dbgalloc/error_record.h"

namespace dbgalloc::report {

// Nothing when the record tells of no damage.
void WriteDamage(base::TextWriter& out, const ErrorRecord& record);

}  // namespace dbgalloc::report

#endif  // DBGALLOC_ALLOC_REPORT_TEXT_DAMAGE_H_
