#include "alloc/report/hint.h"

namespace dbgalloc::report {
namespace {

std::string_view FamilyHint(const BlockDescription& block) {
  switch (block.origin) {
    case Origin::kNew:
      return "what operator new made, delete must free";
    case Origin::kNewArray:
      return "what operator new[] made, delete[] must free";
    case Origin::kMalloc:
    case Origin::kMemalign:
      return "what malloc and its relatives made, free must free";
    case Origin::kAllocator:
      break;
  }
  return "give a block back to the allocator that made it";
}

// The record of a freed block was dropped to keep within its bound.
std::string_view RecordGoneHint() {
  return "with a larger retained_records_size (and retain_metadata=1) the "
         "first free and the allocation are shown too";
}

std::string_view FreedHint(const ErrorRecord& record) {
  if (!record.block.known) return RecordGoneHint();
  return record.kind == ErrorKind::kDoubleFree
             ? "one of the two frees is wrong: decide who owns the block, or "
               "set the pointer to null where it is freed first"
             : "the pointer outlived its block: free later, or set the "
               "pointer to null where the block is freed";
}

}  // namespace

std::string_view HintFor(const ErrorRecord& record) {
  switch (record.kind) {
    case ErrorKind::kDoubleFree:
    case ErrorKind::kUseAfterFree:
      return FreedHint(record);
    case ErrorKind::kInvalidFree:
      return "free only what this heap handed out: no stack, static or mapped "
             "memory, and no block of another allocator";
    case ErrorKind::kInteriorFree:
      return "free the pointer that the allocation returned; was it moved on, "
             "or cast to a second base class?";
    case ErrorKind::kSizeMismatch:
      return "give back the size that was asked for; a base class without a "
             "virtual destructor and a changed length are common causes";
    case ErrorKind::kAlignmentMismatch:
      return "give back the alignment that was asked for; over-aligned types "
             "need the aligned forms at both ends";
    case ErrorKind::kFamilyMismatch:
      return FamilyHint(record.block);
    case ErrorKind::kHeapBufferOverflow:
      if (record.operation == Operation::kAccess) {
        return "this access went over: compare its index or length with the "
               "size of the block";
      }
      return "check_heap_every=1 finds the damage at the next heap operation; "
             "a larger redzone catches longer jumps";
    case ErrorKind::kHeapBufferUnderflow:
      if (record.operation == Operation::kAccess) {
        return "this access came before the block: look for a negative index "
               "or a pointer that was moved back too far";
      }
      return "look for a negative index; check_heap_every=1 finds the damage "
             "at the next heap operation";
    case ErrorKind::kWriteAfterFree:
      return "check_heap_every=1 finds the write at the next heap operation; a "
             "larger quarantine_size watches freed memory longer";
    case ErrorKind::kLeak:
      return "follow the block from its allocation to where its last pointer "
             "goes away; std::unique_ptr frees it there";
    case ErrorKind::kThreadMisuse:
      return "give each thread an allocator of its own, or set thread_safe=1 "
             "and check_threads=0 if sharing is meant";
    case ErrorKind::kMetadataCorruption:
      return "a wild write reached the allocator's records; look at the code "
             "that ran just before, with check_heap_every=1";
    case ErrorKind::kInvalidAlignment:
      return "alignments are powers of two, and for posix_memalign multiples "
             "of sizeof(void*)";
    case ErrorKind::kSizeOverflow:
      return "look for a negative length or a product that overflowed before "
             "it reached the allocation";
    case ErrorKind::kInducedFailure:
      return "the program must go on, or fail cleanly, without this memory";
    case ErrorKind::kMemoryLimit:
      return "raise memory_limit, or find what holds the memory";
    case ErrorKind::kNone:
      break;
  }
  return "see docs/errors.md";
}

}  // namespace dbgalloc::report
