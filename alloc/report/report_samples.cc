#include "alloc/report/report_samples.h"

#include <algorithm>
#include <cstring>

#include "alloc/report/sample_process.h"

namespace dbgalloc::report {
namespace {

constexpr uintptr_t kBlock = 0x7f3a10004000;

constexpr uint64_t kNow = 100;
constexpr uint64_t kMillisecondsPerOperation = 10;

// By a clock that goes on by so much with every operation, and is read to
// within four milliseconds.
HeapEvent Event(uint64_t number, uint32_t thread, uint32_t stack) {
  HeapEvent event = {number, thread, stack, true};
  if (number == kNow) return event;
  const uint64_t ago = (kNow - number) * kMillisecondsPerOperation;
  event.timed = true;
  event.least_ago = ago - 2;
  event.most_ago = ago + 2;
  return event;
}

BlockDescription LiveBlock(uint64_t size, Origin origin) {
  BlockDescription block;
  block.begin = kBlock;
  block.size = size;
  block.alignment = 16;
  block.origin = origin;
  block.known = true;
  block.live = true;
  block.allocated = Event(60, 0, kAllocateStack);
  return block;
}

BlockDescription FreedBlock(uint64_t size, Origin origin) {
  BlockDescription block = LiveBlock(size, origin);
  block.live = false;
  block.freed = Event(88, 0, kFirstFreeStack);
  return block;
}

ErrorRecord Record(ErrorKind kind, Origin claimed,
                   const BlockDescription& block) {
  ErrorRecord record;
  record.kind = kind;
  record.claimed_origin = claimed;
  record.address = kBlock;
  record.now = Event(100, 0, kSecondFreeStack);
  record.block = block;
  return record;
}

// What lies 64 bytes before and behind, and the patterns of the heap.
void AddContext(ErrorRecord& record) {
  record.before = FreedBlock(24, Origin::kNew);
  record.before.begin -= 64;
  record.before.allocated = Event(58, 0, kAllocateStack);
  record.after = LiveBlock(40, Origin::kMalloc);
  record.after.begin += 64;
  record.after.allocated = Event(61, 2, kWorkerStack);
  record.patterns = {0xaa, 0xdd, 0xfafafafafafafafa, true};
}

// Rows of memory that begin 16 bytes before the damage's row.
void AddMemory(ErrorRecord& record, uint8_t around) {
  const Damage& damage = record.damage;
  record.memory.begin = damage.begin / 16 * 16 - 16;
  record.memory.size = 40;
  std::memset(record.memory.bytes, around, record.memory.size);
  std::memcpy(record.memory.bytes, "sixteen letters!", 16);
  const uintptr_t at = damage.begin - record.memory.begin;
  std::memcpy(record.memory.bytes + at, damage.found,
              std::min<size_t>(damage.shown, record.memory.size - at));
}

// `text` was written at `offset` from the block over the byte `expected`.
void AddDamage(ErrorRecord& record, int offset, std::string_view text,
               uint8_t expected) {
  record.damage.begin = kBlock + static_cast<uintptr_t>(offset);
  record.damage.size = text.size();
  record.damage.shown =
      static_cast<uint32_t>(std::min(text.size(), kMaxDamage));
  std::memcpy(record.damage.found, text.data(), record.damage.shown);
  std::memset(record.damage.expected, expected, record.damage.shown);
  AddContext(record);
  AddMemory(record, expected);
}

ReportSample DoubleFree() {
  ErrorRecord record = Record(ErrorKind::kDoubleFree, Origin::kMalloc,
                              FreedBlock(16, Origin::kMalloc));
  record.now = Event(100, 2, kWorkerStack);
  return {"double_free", record};
}

ReportSample DoubleFreeByRealloc() {
  ErrorRecord record = DoubleFree().record;
  record.operation = Operation::kRemap;
  return {"double_free_realloc", record};
}

ReportSample DoubleFreeRecordGone() {
  ErrorRecord record =
      Record(ErrorKind::kDoubleFree, Origin::kNew, BlockDescription());
  return {"double_free_record_gone", record};
}

ReportSample DoubleFreeWithoutSymbols() {
  ErrorRecord record = DoubleFree().record;
  record.now.stack = kPlainStack;
  record.block.freed.stack = kPlainStack;
  record.block.allocated.stack = kNoStack;
  return {"double_free_no_symbols", record};
}

ReportSample InvalidFree() {
  ErrorRecord record = Record(ErrorKind::kInvalidFree, Origin::kMalloc,
                              LiveBlock(16, Origin::kMalloc));
  record.address = kBlock + 64;
  return {"invalid_free", record};
}

ReportSample InvalidFreeOfStack() {
  ErrorRecord record =
      Record(ErrorKind::kInvalidFree, Origin::kNewArray, BlockDescription());
  record.address = 0x7ffc12345678;
  return {"invalid_free_stack", record};
}

ReportSample InteriorFree() {
  ErrorRecord record = Record(ErrorKind::kInteriorFree, Origin::kNew,
                              LiveBlock(48, Origin::kNew));
  record.address = kBlock + 8;
  return {"interior_free", record};
}

ReportSample SizeMismatch() {
  ErrorRecord record = Record(ErrorKind::kSizeMismatch, Origin::kNew,
                              LiveBlock(48, Origin::kNew));
  record.claimed_size = 24;
  return {"size_mismatch", record};
}

ReportSample SizeMismatchAtResize() {
  ErrorRecord record = Record(ErrorKind::kSizeMismatch, Origin::kAllocator,
                              LiveBlock(48, Origin::kAllocator));
  record.operation = Operation::kResize;
  record.claimed_size = 47;
  record.block.resized = Event(70, 1, kWorkerStack);
  return {"size_mismatch_resize", record};
}

ReportSample AlignmentMismatch() {
  ErrorRecord record = Record(ErrorKind::kAlignmentMismatch, Origin::kNew,
                              LiveBlock(48, Origin::kNew));
  record.claimed_alignment = 64;
  return {"alignment_mismatch", record};
}

ReportSample FamilyMismatch() {
  return {"family_mismatch", Record(ErrorKind::kFamilyMismatch, Origin::kMalloc,
                                    LiveBlock(48, Origin::kNewArray))};
}

ReportSample Overflow() {
  ErrorRecord record = Record(ErrorKind::kHeapBufferOverflow, Origin::kMalloc,
                              LiveBlock(16, Origin::kMalloc));
  AddDamage(record, 16, "!\x01z", 0xfa);
  return {"heap_buffer_overflow", record};
}

// A pointer, and what it points to.
ReportSample OverflowByPointer() {
  ErrorRecord record = Overflow().record;
  AddDamage(record, 16, std::string("\x08\x41\x00\x10\x3a\x7f\0\0", 8), 0xfa);
  record.pointer.known = true;
  record.pointer.value = kBlock + 0x108;
  record.pointer.block = LiveBlock(32, Origin::kNew);
  record.pointer.block.begin = kBlock + 0x100;
  return {"heap_buffer_overflow_pointer", record};
}

ReportSample OverflowByNumbers() {
  ErrorRecord record = Overflow().record;
  AddDamage(record, 16, std::string("\x2a\0\0\0\xff\xff\xff\xff", 8), 0xfa);
  record.now.least_ago = 0;
  record.block.allocated.least_ago = 100;
  record.after.allocated.least_ago = 0;
  return {"heap_buffer_overflow_numbers", record};
}

// A pointer that was read from freed memory.
ReportSample InvalidFreeOfFill() {
  ErrorRecord record =
      Record(ErrorKind::kInvalidFree, Origin::kMalloc, BlockDescription());
  record.address = 0xdddddddddddddddd;
  record.patterns = {0xaa, 0xdd, 0xfafafafafafafafa, true};
  return {"invalid_free_fill", record};
}

ReportSample OverflowAtExit() {
  ErrorRecord record = Record(ErrorKind::kHeapBufferOverflow, Origin::kMalloc,
                              LiveBlock(16, Origin::kMalloc));
  record.operation = Operation::kExit;
  record.address = 0;
  record.now = Event(100, 0, kExitStack);
  AddDamage(record, 20, std::string(40, 'x'), 0xfa);
  return {"heap_buffer_overflow_exit", record};
}

ReportSample Underflow() {
  ErrorRecord record =
      Record(ErrorKind::kHeapBufferUnderflow, Origin::kNewArray,
             LiveBlock(16, Origin::kNewArray));
  record.operation = Operation::kHeapCheck;
  AddDamage(record, -4, "oops", 0xfa);
  return {"heap_buffer_underflow", record};
}

ReportSample UseAfterFree() {
  ErrorRecord record = Record(ErrorKind::kUseAfterFree, Origin::kMalloc,
                              FreedBlock(16, Origin::kMalloc));
  record.operation = Operation::kAccess;
  record.access = AccessKind::kRead;
  record.address = kBlock + 8;
  return {"use_after_free", record};
}

ReportSample OverflowCaught() {
  ErrorRecord record = Record(ErrorKind::kHeapBufferOverflow, Origin::kMalloc,
                              LiveBlock(16, Origin::kMalloc));
  record.operation = Operation::kAccess;
  record.access = AccessKind::kWrite;
  record.address = kBlock + 20;
  return {"heap_buffer_overflow_caught", record};
}

ReportSample UsableSizeAfterFree() {
  ErrorRecord record = Record(ErrorKind::kUseAfterFree, Origin::kMalloc,
                              FreedBlock(16, Origin::kMalloc));
  record.operation = Operation::kUsableSize;
  return {"use_after_free_usable_size", record};
}

ReportSample WriteAfterFree() {
  ErrorRecord record = Record(ErrorKind::kWriteAfterFree, Origin::kMalloc,
                              FreedBlock(100, Origin::kMalloc));
  record.operation = Operation::kRetire;
  AddDamage(record, 8, "late", 0xdd);
  return {"write_after_free", record};
}

ReportSample SingleLeak() {
  ErrorRecord record = Record(ErrorKind::kLeak, Origin::kMalloc,
                              LiveBlock(100, Origin::kMalloc));
  record.operation = Operation::kExit;
  record.now.stack = kExitStack;
  return {"leak_single", record};
}

ReportSample ThreadMisuse() {
  ErrorRecord record = Record(ErrorKind::kThreadMisuse, Origin::kAllocator,
                              LiveBlock(48, Origin::kAllocator));
  record.now = Event(100, 2, kWorkerStack);
  record.owner_thread = 0;
  record.owner_event = Event(97, 0, kFirstFreeStack);
  return {"thread_misuse", record};
}

// A request that could not be met.
ErrorRecord Request(ErrorKind kind, Origin origin, uint64_t size) {
  ErrorRecord record;
  record.kind = kind;
  record.operation = Operation::kAllocate;
  record.claimed_origin = origin;
  record.claimed_size = size;
  record.now = Event(100, 0, kAllocateStack);
  return record;
}

ReportSample InvalidAlignment() {
  ErrorRecord record =
      Request(ErrorKind::kInvalidAlignment, Origin::kMemalign, 100);
  record.claimed_alignment = 24;
  return {"invalid_alignment", record};
}

// Three blocks from two stacks, as an allocator object finds them.
ReportSample NeverFreed() {
  static const LeakGroup kGroups[] = {
      {kAllocateStack, 2, 1024, LiveBlock(512, Origin::kNew)},
      {kPlainStack, 1, 1, LiveBlock(1, Origin::kMalloc)},
  };
  ReportSample sample = {"leak", {}, /*is_leak_report=*/true};
  LeakReport& report = sample.leaks;
  report.groups = kGroups;
  report.group_count = 2;
  report.blocks = 3;
  report.bytes = 1025;
  report.operation = Operation::kExit;
  report.now = Event(100, 0, kExitStack);
  return sample;
}

// Found by looking for pointers: one block holds two others.
ReportSample LostBlocks() {
  static const LeakGroup kGroups[] = {
      {kAllocateStack, 1, 512, LiveBlock(512, Origin::kNew), false, 0, 3, 560},
      {kWorkerStack, 2, 48, LiveBlock(24, Origin::kMalloc), true,
       kAllocateStack, 0, 0},
  };
  ReportSample sample = NeverFreed();
  sample.name = "leak_lost";
  LeakReport& report = sample.leaks;
  report.groups = kGroups;
  report.blocks = 3;
  report.bytes = 560;
  report.reach = LeakReach::kLost;
  report.held_blocks = 2;
  report.held_bytes = 48;
  report.scan = "in place, while 2 threads were stopped by a signal";
  report.operation = Operation::kHeapCheck;
  report.region = "parser";
  return sample;
}

// What a pool has: a group for each tier, without stacks.
ReportSample BlocksOfAPool() {
  static LeakGroup groups[] = {
      {0, 1, 3145728, LiveBlock(3145728, Origin::kAllocator)},
      {0, 2, 48, LiveBlock(24, Origin::kAllocator)},
  };
  groups[0].example.tier = BlockTier::kMedium;
  groups[1].example.tier = BlockTier::kSmall;
  for (LeakGroup& group : groups) group.example.allocated = {};
  ReportSample sample = NeverFreed();
  sample.name = "leak_pool";
  sample.leaks.groups = groups;
  sample.leaks.blocks = 3;
  sample.leaks.bytes = 3145776;
  sample.leaks.operation = Operation::kHeapCheck;
  return sample;
}

ReportSample ReachableBlocks() {
  ReportSample sample = NeverFreed();
  sample.name = "leak_reachable";
  sample.leaks.reach = LeakReach::kReachable;
  return sample;
}

}  // namespace

std::vector<ReportSample> AllSamples() {
  return {
      DoubleFree(),
      DoubleFreeByRealloc(),
      DoubleFreeRecordGone(),
      DoubleFreeWithoutSymbols(),
      InvalidFree(),
      InvalidFreeOfStack(),
      InteriorFree(),
      SizeMismatch(),
      SizeMismatchAtResize(),
      AlignmentMismatch(),
      FamilyMismatch(),
      InvalidFreeOfFill(),
      Overflow(),
      OverflowByPointer(),
      OverflowByNumbers(),
      OverflowAtExit(),
      Underflow(),
      OverflowCaught(),
      UseAfterFree(),
      UsableSizeAfterFree(),
      WriteAfterFree(),
      SingleLeak(),
      NeverFreed(),
      LostBlocks(),
      ReachableBlocks(),
      BlocksOfAPool(),
      ThreadMisuse(),
      {"metadata_corruption",
       Record(ErrorKind::kMetadataCorruption, Origin::kMalloc,
              LiveBlock(48, Origin::kMalloc))},
      InvalidAlignment(),
      {"size_overflow",
       Request(ErrorKind::kSizeOverflow, Origin::kNewArray, SIZE_MAX)},
      {"induced_failure",
       Request(ErrorKind::kInducedFailure, Origin::kMalloc, 16)},
      {"memory_limit", Request(ErrorKind::kMemoryLimit, Origin::kNew, 4096)},
  };
}

}  // namespace dbgalloc::report
