// Who took part in an error: the operation that showed it and what had been
// done to the block before, each with a title, newest first.
#ifndef DBGALLOC_ALLOC_REPORT_PARTIES_H_
#define DBGALLOC_ALLOC_REPORT_PARTIES_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "dbgalloc/error_record.h"

namespace dbgalloc::report {

// Where a neighbour lies in memory.
enum class Side : uint8_t { kBefore, kAfter };

enum class PartyRole : uint8_t { kNow, kOwner, kFreed, kResized, kAllocated };

struct Party {
  PartyRole role = PartyRole::kNow;
  std::string_view title;  // a clause: "second free"
  std::string_view means;  // a function that says more: "realloc"; or empty
  HeapEvent event;
  bool from_fault = false;  // the stack begins where a signal came
};

inline constexpr size_t kMaxParties = 5;

struct Parties {
  Party list[kMaxParties];
  size_t count = 0;
  // Whose code the summary points at: usually the newest; where the error was
  // found long after it was made, who last owned the memory.
  size_t blamed = 0;
};

Parties PartiesOf(const ErrorRecord& record);

// Who made, and who freed, a block beside the one that the error is about.
Parties PartiesOfNeighbour(const BlockDescription& block, Side side);

// "found at exit", "found when the allocator was destroyed".
std::string_view FoundAt(Operation operation);

}  // namespace dbgalloc::report

#endif  // DBGALLOC_ALLOC_REPORT_PARTIES_H_
