// What an error's record says, as members of a JSON object: the same in the
// JSON form and in the properties of a SARIF result.
#ifndef DBGALLOC_ALLOC_REPORT_JSON_FACTS_H_
#define DBGALLOC_ALLOC_REPORT_JSON_FACTS_H_

#include "alloc/report/json_stack.h"
#include "alloc/report/json_writer.h"
#include "alloc/report/surroundings.h"
#include "dbgalloc/error_record.h"
#include "dbgalloc/error_sink.h"

namespace dbgalloc::report {

// Everything but the sentence, the stacks' frames where `stacks` leaves them
// out, and what `top` names. docs/report_schema.json has it all.
void WriteJsonFacts(JsonWriter& json, JsonStacks& stacks,
                    const ErrorRecord& record,
                    const Surroundings& surroundings);

// The members "rerun" and "hint".
void WriteJsonAdvice(JsonWriter& json, const ErrorRecord& record,
                     const Surroundings& surroundings);

// A group of leaked blocks, less its rank among others.
void WriteJsonLeakGroup(JsonWriter& json, JsonStacks& stacks,
                        const LeakGroup& group, const HeapEvent& now,
                        bool blamed);

// The members "operation" to "scan": what is true of all groups together.
void WriteJsonLeakTotal(JsonWriter& json, const LeakReport& report);

}  // namespace dbgalloc::report

#endif  // DBGALLOC_ALLOC_REPORT_JSON_FACTS_H_
