#include "alloc/report/parties.h"

#include "alloc/report/words.h"

namespace dbgalloc::report {
namespace {

// Views: a choice between plain literals would count their characters at run
// time, with a strlen that a freestanding program does not have.
using std::string_view_literals::operator""sv;

bool IsResize(Operation operation) {
  return operation == Operation::kResize || operation == Operation::kRemap;
}

// The error shows in what the caller handed to us.
std::string_view WrongCallTitle(const ErrorRecord& record) {
  const bool resize = IsResize(record.operation);
  switch (record.kind) {
    case ErrorKind::kDoubleFree:
      return "second free";
    case ErrorKind::kInvalidFree:
      return "invalid free";
    case ErrorKind::kInteriorFree:
      return "interior free";
    case ErrorKind::kSizeMismatch:
      return resize ? "resized with the wrong size"sv
                    : "freed with the wrong size"sv;
    case ErrorKind::kAlignmentMismatch:
      return resize ? "resized with the wrong alignment"sv
                    : "freed with the wrong alignment"sv;
    case ErrorKind::kFamilyMismatch:
      return resize ? "resized by the wrong function"sv
                    : "freed by the wrong function"sv;
    case ErrorKind::kThreadMisuse:
      return "used";
    case ErrorKind::kInvalidAlignment:
    case ErrorKind::kSizeOverflow:
    case ErrorKind::kInducedFailure:
    case ErrorKind::kMemoryLimit:
      return "requested";
    default:
      return {};
  }
}

std::string_view NowTitle(const ErrorRecord& record) {
  const std::string_view wrong_call = WrongCallTitle(record);
  return wrong_call.empty() ? FoundAt(record.operation) : wrong_call;
}

// A double free through realloc, or a misuse: the title alone does not say
// which function was called.
std::string_view NowMeans(const ErrorRecord& record) {
  const bool says_more =
      record.kind == ErrorKind::kThreadMisuse ||
      (IsResize(record.operation) && (record.kind == ErrorKind::kDoubleFree ||
                                      record.kind == ErrorKind::kInvalidFree ||
                                      record.kind == ErrorKind::kInteriorFree));
  if (!says_more) return {};
  return FunctionName(record.operation, record.claimed_origin);
}

std::string_view FreedTitle(ErrorKind kind) {
  if (kind == ErrorKind::kDoubleFree) return "first free";
  if (kind == ErrorKind::kInvalidFree) return "nearest block freed";
  return "freed";
}

bool FoundLate(Operation operation) {
  return operation == Operation::kHeapCheck ||
         operation == Operation::kRetire ||
         operation == Operation::kDestruction || operation == Operation::kExit;
}

void Add(Parties& parties, PartyRole role, std::string_view title,
         std::string_view means, const HeapEvent& event) {
  if (!event.known) return;
  parties.list[parties.count++] = {role, title, means, event, false};
}

void AddBlock(Parties& parties, const BlockDescription& block,
              std::string_view freed, std::string_view resized,
              std::string_view allocated) {
  Add(parties, PartyRole::kFreed, freed, {}, block.freed);
  Add(parties, PartyRole::kResized, resized, {}, block.resized);
  Add(parties, PartyRole::kAllocated, allocated, {}, block.allocated);
}

}  // namespace

std::string_view FoundAt(Operation operation) {
  switch (operation) {
    case Operation::kAllocate:
      return "found at an allocation";
    case Operation::kFree:
      return "found at free";
    case Operation::kResize:
    case Operation::kRemap:
      return "found at a resize";
    case Operation::kUsableSize:
      return "asked for its size";
    case Operation::kAccess:
      return "accessed";
    case Operation::kHeapCheck:
      return "checked";
    case Operation::kRetire:
      return "found as the memory left the quarantine";
    case Operation::kDestruction:
      return "found when the allocator was destroyed";
    case Operation::kExit:
      return "found at exit";
  }
  return "found";
}

Parties PartiesOf(const ErrorRecord& record) {
  Parties parties;
  const BlockDescription& block = record.block;
  const bool nearest = record.kind == ErrorKind::kInvalidFree;
  Add(parties, PartyRole::kNow, NowTitle(record), NowMeans(record), record.now);
  parties.list[0].from_fault =
      record.operation == Operation::kAccess && record.accessed_by == nullptr;
  if (record.kind == ErrorKind::kThreadMisuse) {
    Add(parties, PartyRole::kOwner, "last used by its owner", {},
        record.owner_event);
  }
  if (!block.known) return parties;
  if (FoundLate(record.operation)) parties.blamed = parties.count;
  AddBlock(parties, block, FreedTitle(record.kind),
           nearest ? "nearest block resized"sv : "resized"sv,
           nearest ? "nearest block allocated"sv : "allocated"sv);
  if (parties.blamed >= parties.count) parties.blamed = 0;
  return parties;
}

Parties PartiesOfNeighbour(const BlockDescription& block, Side side) {
  Parties parties;
  if (!block.known) return parties;
  if (side == Side::kBefore) {
    AddBlock(parties, block, "block before freed", "block before resized",
             "block before allocated");
  } else {
    AddBlock(parties, block, "block after freed", "block after resized",
             "block after allocated");
  }
  return parties;
}

}  // namespace dbgalloc::report
