// What is known about one heap error, as plain data: checks fill it, formats
// and callers' sinks read it.
//
// Addresses are numbers, not pointers: the memory may be gone by the time
// anyone looks. Stacks are ids; alloc/stack/stack_depot.h turns them into
// program counters.
#ifndef DBGALLOC_ALLOC_ERROR_RECORD_H_
#define DBGALLOC_ALLOC_ERROR_RECORD_H_

#include <cstddef>
#include <cstdint>

namespace dbgalloc {

enum class ErrorKind : uint8_t {
  kNone,
#define DBG_ERROR_KIND(enumerator, slug, severity, summary) enumerator,
#include "dbgalloc/report/error_kinds.inc"
};

// Which family of functions made or returns a block.
enum class Origin : uint8_t {
  kAllocator,  // Allocator::Allocate and Deallocate
  kMalloc,     // malloc, calloc, realloc, free
  kMemalign,   // posix_memalign, aligned_alloc, memalign, valloc, pvalloc
  kNew,        // operator new, operator delete
  kNewArray,   // operator new[], operator delete[]
};

// What the program was doing when the error came to light.
enum class Operation : uint8_t {
  kAllocate,
  kFree,
  kResize,       // Resize: in place
  kRemap,        // Remap, realloc: may move
  kUsableSize,   // malloc_usable_size
  kAccess,       // a load or store that faulted, or a buffer handed on
  kHeapCheck,    // dbgalloc_check_heap_now, check_heap_every
  kRetire,       // freed memory about to leave the quarantine
  kDestruction,  // the end of an allocator instance
  kExit,         // the end of the process
};

// What an access did.
enum class AccessKind : uint8_t { kUnknown, kRead, kWrite, kExecute };

// Something a thread did to a block. `number` counts the heap's operations;
// 0 with thread 0 and no stack: not known.
struct HeapEvent {
  uint64_t number = 0;
  uint32_t thread = 0;
  uint32_t stack = 0;  // stack id; 0: not recorded
  bool known = false;
  // How long before the report, in milliseconds: between the two.
  bool timed = false;
  uint64_t least_ago = 0;
  uint64_t most_ago = 0;
};

// A block as its record tells of it, live or freed.
// The part of a pool that a block is from.
enum class BlockTier : uint8_t { kNone, kSmall, kMedium, kLarge, kHuge };

struct BlockDescription {
  uintptr_t begin = 0;
  uint64_t size = 0;  // as requested, bytes
  uint64_t alignment = 0;
  Origin origin = Origin::kAllocator;
  BlockTier tier = BlockTier::kNone;
  bool known = false;  // false: no record of such a block exists
  bool live = false;
  HeapEvent allocated;
  HeapEvent resized;  // the latest resize, with resize_stack_traces=1
  HeapEvent freed;
};

inline constexpr size_t kMaxDamage = 32;

// Overwritten bytes: where, and what was found in place of what.
struct Damage {
  uintptr_t begin = 0;
  uint64_t size = 0;  // from the first to the last damaged byte
  uint8_t found[kMaxDamage] = {};
  uint8_t expected[kMaxDamage] = {};
  uint32_t shown = 0;  // bytes of found and expected that count
};

inline constexpr size_t kMaxMemory = 64;

// Memory as it was when the error came to light.
struct MemoryContents {
  uintptr_t begin = 0;
  uint32_t size = 0;  // bytes that count
  uint8_t bytes[kMaxMemory] = {};
};

// A word of damaged memory that is the address of a block, or inside one.
struct BlockPointer {
  bool known = false;
  uintptr_t value = 0;
  BlockDescription block;
};

// What a heap covers its memory with; bytes of -1: with nothing.
struct HeapPatterns {
  int fresh_byte = -1;
  int freed_byte = -1;
  uint64_t canary = 0;  // in every aligned word of a redzone
  bool known = false;
};

struct ErrorRecord {
  ErrorKind kind = ErrorKind::kNone;
  Operation operation = Operation::kFree;
  Origin claimed_origin = Origin::kAllocator;  // the family the caller used
  uintptr_t address = 0;      // what the caller passed, or touched
  uint64_t claimed_size = 0;  // what the caller said, where it says one
  uint64_t claimed_alignment = 0;
  HeapEvent now;           // the operation itself
  BlockDescription block;  // the block concerned, or the nearest one
  Damage damage;
  MemoryContents memory;    // around the damage
  BlockPointer pointer;     // the first one in the damage
  BlockDescription before;  // damaged or faulted: the neighbours in memory
  BlockDescription after;
  HeapPatterns patterns;
  uint64_t failure_index = 0;  // kInducedFailure: of the request, from 0
  int death_signal = 0;  // kInducedFailure: what the process dies of after it
  AccessKind access = AccessKind::kUnknown;  // Operation::kAccess
  // Operation::kAccess: the function that was handed the buffer; null: an
  // instruction of the program's faulted.
  const char* accessed_by = nullptr;
  uint64_t guard_seed = 0;    // that was drawn for guard pages; 0: none was
  uint32_t owner_thread = 0;  // kThreadMisuse: to whom the heap belongs
  HeapEvent owner_event;      // kThreadMisuse: what the owner did last
};

// Live blocks that one stack allocated. Of lost blocks, some are held by other
// lost blocks only: such a group follows that of the blocks that hold it.
struct LeakGroup {
  uint32_t stack = 0;
  uint64_t blocks = 0;
  uint64_t bytes = 0;
  BlockDescription example;
  bool held = false;
  uint32_t holder = 0;  // held: the stack that allocated the holding blocks
  // The group that holds, and all that it holds.
  uint64_t family_blocks = 0;
  uint64_t family_bytes = 0;
};

}  // namespace dbgalloc

#endif  // DBGALLOC_ALLOC_ERROR_RECORD_H_
