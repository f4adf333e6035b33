// Places in SARIF: frames as locations, stacks as stacks.
#ifndef DBGALLOC_ALLOC_REPORT_SARIF_LOCATION_H_
#define DBGALLOC_ALLOC_REPORT_SARIF_LOCATION_H_

#include <cstdint>
#include <string_view>

#include "alloc/report/json_writer.h"
#include "alloc/report/parties.h"
#include "alloc/report/surroundings.h"
#include "alloc/report/text_stack.h"

namespace dbgalloc::report {

// The frame that stands for a stack: the user's first one, else the first.
// Returns a hash of the user's first functions, by which the same mistake is
// known again in another run.
uint64_t FindTop(const Surroundings& surroundings, uint32_t stack,
                 bool from_fault, KeptFrame& top);

// The members of a location: "physicalLocation" and "logicalLocations". A frame
// without a source file has its address.
void WriteSarifPlace(JsonWriter& json, const FrameDescription& frame);
void WriteSarifPlace(JsonWriter& json, const KeptFrame& frame);

// An element of "stacks": a message with the event's number and the stack's
// hash, and all frames; the user's first one with its line of source.
void WriteSarifStack(JsonWriter& json, const Surroundings& surroundings,
                     TextScratch& scratch, std::string_view title,
                     const HeapEvent& event, bool from_fault);

}  // namespace dbgalloc::report

#endif  // DBGALLOC_ALLOC_REPORT_SARIF_LOCATION_H_
