#include "alloc/report/sentence.h"

#include "alloc/report/error_kind.h"
#include "alloc/report/words.h"

namespace dbgalloc::report {
namespace {

using base::TextWriter;
using std::string_view_literals::operator""sv;

// What an instruction did, as far as the processor told.
std::string_view AccessWords(AccessKind access) {
  switch (access) {
    case AccessKind::kRead:
      return "read of ";
    case AccessKind::kWrite:
      return "write to ";
    case AccessKind::kExecute:
      return "jump to ";
    case AccessKind::kUnknown:
      break;
  }
  return "access to ";
}

// "free of 0x10".
TextWriter& WriteUse(TextWriter& out, const ErrorRecord& record) {
  if (record.operation == Operation::kAccess) {
    out.Text(AccessWords(record.access));
  } else {
    out.Text(FunctionName(record.operation, record.claimed_origin));
    out.Text(" of ");
  }
  out.Hex(record.address);
  if (record.accessed_by == nullptr) return out;
  return out.Text(" by ").Text(record.accessed_by);
}

// "malloc of 16 bytes".
void WriteRequest(TextWriter& out, const ErrorRecord& record) {
  out.Text(FunctionName(record.operation, record.claimed_origin)).Text(" of ");
  WriteCount(out, record.claimed_size, "byte", "bytes");
}

void WriteFreedPlace(TextWriter& out, const ErrorRecord& record) {
  if (!record.block.known) {
    out.Text(", a block that was freed before and whose record is gone");
    return;
  }
  out.Text(", ");
  WritePlace(out, record.address, record.block);
  out.Text(" that was freed");
  WriteAge(out, record.now, record.block.freed);
}

void WriteInvalidFree(TextWriter& out, const ErrorRecord& record) {
  WriteUse(out, record).Text(", which this heap never handed out");
  if (!record.block.known) return;
  out.Text(": ");
  WritePlace(out, record.address, record.block);
}

void WriteInteriorFree(TextWriter& out, const ErrorRecord& record) {
  WriteUse(out, record).Text(", ");
  WritePlace(out, record.address, record.block);
  out.Text(", which is not its start");
}

void WriteSizeMismatch(TextWriter& out, const ErrorRecord& record) {
  WriteUse(out, record).Text(" with size ").Dec(record.claimed_size);
  out.Text(", but it is ");
  WritePlace(out, record.address, record.block);
}

// The plain forms of new and delete state none.
void WriteAlignment(TextWriter& out, Origin origin, uint64_t alignment) {
  const bool is_new = origin == Origin::kNew || origin == Origin::kNewArray;
  if (is_new && alignment <= 1) {
    out.Text(" without an alignment");
  } else {
    out.Text(" with alignment ").Dec(alignment);
  }
}

void WriteAlignmentMismatch(TextWriter& out, const ErrorRecord& record) {
  WriteUse(out, record);
  WriteAlignment(out, record.claimed_origin, record.claimed_alignment);
  out.Text(", but it is ");
  WritePlace(out, record.address, record.block);
  WriteAlignment(out, record.block.origin, record.block.alignment);
}

void WriteFamilyMismatch(TextWriter& out, const ErrorRecord& record) {
  WriteUse(out, record).Text(", ");
  WritePlace(out, record.address, record.block);
  out.Text(" that ").Text(AllocationName(record.block.origin));
  out.Text(" allocated");
}

// What was damaged, or touched by a faulting access, and where that lies.
void WriteTouched(TextWriter& out, const ErrorRecord& record) {
  uintptr_t address = record.address;
  if (record.damage.size != 0) {
    address = record.damage.begin;
    WriteCount(out, record.damage.size, "byte", "bytes");
    out.Text(" overwritten from ").Hex(address).Text(" on");
  } else {
    WriteUse(out, record);
  }
  if (!record.block.known) return;
  out.Text(", ");
  WritePlace(out, address, record.block);
}

void WriteWriteAfterFree(TextWriter& out, const ErrorRecord& record) {
  WriteTouched(out, record);
  out.Text(" that was freed");
  WriteAge(out, record.now, record.block.freed);
}

void WriteThreadMisuse(TextWriter& out, const ErrorRecord& record) {
  if (record.operation == Operation::kAllocate) {
    WriteRequest(out, record);
  } else {
    WriteUse(out, record);
    if (record.block.known) {
      out.Text(", ");
      WritePlace(out, record.address, record.block);
      out.Char(',');
    }
  }
  out.Text(" by thread T").Dec(record.now.thread);
  out.Text(", but this heap belongs to thread T").Dec(record.owner_thread);
}

void WriteMetadataCorruption(TextWriter& out, const ErrorRecord& record) {
  if (record.operation == Operation::kAccess) {
    WriteUse(out, record)
        .Text(", which is the allocator's own protected state");
    return;
  }
  out.Text("the allocator's records about ").Hex(record.address);
  out.Text(" were overwritten");
  if (!record.block.known) return;
  out.Text("; they now say: ");
  WritePlace(out, record.address, record.block);
}

void WriteInvalidAlignment(TextWriter& out, const ErrorRecord& record) {
  const uint64_t alignment = record.claimed_alignment;
  const bool power = alignment != 0 && (alignment & (alignment - 1)) == 0;
  WriteRequest(out, record);
  out.Text(" with alignment ").Dec(alignment);
  out.Text(power ? ", which this function does not accept"sv
                 : ", which is not a power of two"sv);
}

void WriteSizeOverflow(TextWriter& out, const ErrorRecord& record) {
  if (record.operation == Operation::kAllocate &&
      record.claimed_origin == Origin::kMalloc) {
    out.Text("malloc or calloc of ");
    WriteCount(out, record.claimed_size, "byte", "bytes");
  } else {
    WriteRequest(out, record);
  }
  out.Text(" or more, which no address space can hold");
}

// "malloc of 16 bytes, allocation 3,".
void WriteInducedFailure(TextWriter& out, const ErrorRecord& record) {
  const bool dying = record.death_signal != 0;
  if (dying) {
    out.Text("the process dies of signal ");
    out.SignedDec(record.death_signal);
    out.Text("; the last failure that was induced: ");
  }
  WriteRequest(out, record);
  out.Text(record.operation == Operation::kAllocate ? ", allocation "sv
                                                    : ", resize "sv);
  out.Dec(record.failure_index);
  if (!dying) out.Text(", failed on request");
}

void WriteLeakedBlock(TextWriter& out, const ErrorRecord& record) {
  WriteCount(out, record.block.size, "byte", "bytes");
  out.Text(" at ").Hex(record.block.begin);
  out.Text(record.block.size == 1 ? " was never freed"sv
                                  : " were never freed"sv);
}

}  // namespace

void WriteSentence(TextWriter& out, const ErrorRecord& record) {
  switch (record.kind) {
    case ErrorKind::kDoubleFree:
      WriteUse(out, record);
      return WriteFreedPlace(out, record);
    case ErrorKind::kInvalidFree:
      return WriteInvalidFree(out, record);
    case ErrorKind::kInteriorFree:
      return WriteInteriorFree(out, record);
    case ErrorKind::kSizeMismatch:
      return WriteSizeMismatch(out, record);
    case ErrorKind::kAlignmentMismatch:
      return WriteAlignmentMismatch(out, record);
    case ErrorKind::kFamilyMismatch:
      return WriteFamilyMismatch(out, record);
    case ErrorKind::kHeapBufferOverflow:
    case ErrorKind::kHeapBufferUnderflow:
      return WriteTouched(out, record);
    case ErrorKind::kUseAfterFree:
      WriteUse(out, record);
      return WriteFreedPlace(out, record);
    case ErrorKind::kWriteAfterFree:
      return WriteWriteAfterFree(out, record);
    case ErrorKind::kLeak:
      return WriteLeakedBlock(out, record);
    case ErrorKind::kThreadMisuse:
      return WriteThreadMisuse(out, record);
    case ErrorKind::kMetadataCorruption:
      return WriteMetadataCorruption(out, record);
    case ErrorKind::kInvalidAlignment:
      return WriteInvalidAlignment(out, record);
    case ErrorKind::kSizeOverflow:
      return WriteSizeOverflow(out, record);
    case ErrorKind::kInducedFailure:
      return WriteInducedFailure(out, record);
    case ErrorKind::kMemoryLimit:
      WriteRequest(out, record);
      out.Text(" failed: it would have gone over memory_limit");
      return;
    case ErrorKind::kNone:
      break;
  }
  out.Text(InfoOf(record.kind).summary);
}

void WriteRepeatSentence(TextWriter& out, const ErrorRecord& record,
                         uint64_t times) {
  out.Text("again, ").Dec(times).Text(" times by now with these stacks: ");
  WriteSentence(out, record);
}

void WriteLeakSentence(TextWriter& out, const LeakReport& report) {
  WriteBytesInBlocks(out, report.bytes, report.blocks);
  switch (report.reach) {
    case LeakReach::kNotAsked:
      out.Text(report.blocks == 1 ? " was never freed"sv
                                  : " were never freed"sv);
      break;
    case LeakReach::kLost:
      out.Text(" can no longer be reached");
      break;
    case LeakReach::kReachable:
      out.Text(report.blocks == 1 ? " was not freed"sv : " were not freed"sv);
      break;
  }
  if (report.group_count == 0 || !report.groups[0].example.known) return;
  const BlockDescription& example = report.groups[0].example;
  out.Text(", for example ");
  WriteCount(out, example.size, "byte", "bytes");
  out.Text(" at ").Hex(example.begin);
}

}  // namespace dbgalloc::report
