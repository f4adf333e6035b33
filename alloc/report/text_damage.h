// The bytes that were overwritten, beside those that should be there; what they
// look like, and what lies around.
#ifndef DBGALLOC_ALLOC_REPORT_TEXT_DAMAGE_H_
#define DBGALLOC_ALLOC_REPORT_TEXT_DAMAGE_H_

#include "alloc/base/text_writer.h"
#include "alloc/report/surroundings.h"
#include "dbgalloc/error_record.h"

namespace dbgalloc::report {

// Nothing when the record tells of no damage.
void WriteDamage(base::TextWriter& out, const ErrorRecord& record);

// What the bytes, or a pointer that points nowhere, look like.
void WriteLooks(base::TextWriter& out, const ErrorRecord& record,
                const Surroundings& surroundings);

// The memory around the damage.
void WriteMemory(base::TextWriter& out, const ErrorRecord& record);

}  // namespace dbgalloc::report

#endif  // DBGALLOC_ALLOC_REPORT_TEXT_DAMAGE_H_
