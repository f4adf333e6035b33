// The one sentence that says what happened, with address, size and offset.
// Made of the record alone: it is written before anything is looked up.
#ifndef DBGALLOC_ALLOC_REPORT_SENTENCE_H_
#define DBGALLOC_ALLOC_REPORT_SENTENCE_H_

#include "alloc/base/text_writer.h"
#include "dbgalloc/error_record.h"
#include "dbgalloc/error_sink.h"

namespace dbgalloc::report {

void WriteSentence(base::TextWriter& out, const ErrorRecord& record);
void WriteLeakSentence(base::TextWriter& out, const LeakReport& report);

// "again, 10 times by now with these stacks: free of 0x10 ...".
void WriteRepeatSentence(base::TextWriter& out, const ErrorRecord& record,
                         uint64_t times);

}  // namespace dbgalloc::report

#endif  // DBGALLOC_ALLOC_REPORT_SENTENCE_H_
