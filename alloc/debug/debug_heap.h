// The debug allocator itself: a heap whose every operation is checked. Both
// faces stand on it: the class DebugAllocator and the malloc replacement.
//
//   Allocate  -> heap: slot or large span -> redzones, fill, record, publish
//   Free      -> heap: address to record  -> checks -> fill -> quarantine
//
// It knows no globals and no operating system: memory comes from the backing
// allocator, everything else through HeapHost. So it also runs freestanding.
#ifndef DBGALLOC_ALLOC_DEBUG_DEBUG_HEAP_H_
#define DBGALLOC_ALLOC_DEBUG_DEBUG_HEAP_H_

#include <cstddef>
#include <cstdint>

#include "alloc/debug/heap_statistics.h"
#include "alloc/stack/caller_frame.h"
#include "dbgalloc/allocator.h"
#include "dbgalloc/error_record.h"
#include "dbgalloc/error_sink.h"
#include "dbgalloc/options.h"

namespace dbgalloc::heap {
class Heap;
}  // namespace dbgalloc::heap

namespace dbgalloc::debug {

class LeakGroups;
using stack::CallerFrame;

// What the heap needs of its surroundings. Any pointer may be null: then there
// is one thread, no stacks, no log.
struct HeapHost {
  // The calling thread's number, small and never reused.
  uint32_t (*current_thread)() = nullptr;
  // Records the calling stack from `caller` outward; returns its id.
  uint32_t (*record_stack)(const CallerFrame& caller,
                           uint32_t max_frames) = nullptr;
  // The name of a recorded stack that is the same in each run.
  uint32_t (*hash_stack)(uint32_t stack) = nullptr;
  // Stops the thread for a debugger, for break_at.
  void (*trap)() = nullptr;
  // Milliseconds since any moment, for the ages of events. Cheap.
  uint64_t (*milliseconds)() = nullptr;
  // A number that nobody can guess, for canary=0.
  uint64_t (*random)() = nullptr;
  // Bytes of memory that the machine has.
  size_t (*machine_memory)() = nullptr;
  // Writes one line, of verbose_log or a warning.
  void (*log)(const char* text, size_t size) = nullptr;
  // Where the heap keeps what it knows. Null: in memory of the backing
  // allocator, as the blocks.
  Allocator* metadata = nullptr;
  // As record_stack, from an instruction that faulted and its registers.
  uint32_t (*record_fault)(const CallerFrame& at,
                           uint32_t max_frames) = nullptr;
  // Told of a heap that was made, and of one that is about to go.
  void (*heap_made)(class DebugHeap* heap) = nullptr;
  void (*heap_going)(class DebugHeap* heap) = nullptr;
  // Receives errors and leaks. Null: errors are counted only.
  ErrorSink* sink = nullptr;
};

// A size or alignment that the caller of free did not state.
inline constexpr uint64_t kNotStated = 0;

// An access that faulted.
struct FaultingAccess {
  uintptr_t address = 0;
  AccessKind kind = AccessKind::kUnknown;
  bool is_unmapped = false;  // nothing is mapped there, as far as is known
  bool is_to_state = false;  // it went for what the allocator knows
  // The instruction; where `by` is set, the caller of that function.
  CallerFrame at;
  const char* by = nullptr;  // the function that was handed the address
};

struct AllocationRequest {
  size_t size = 0;       // may be 0
  size_t alignment = 0;  // a power of two; at least 16 is always granted
  Origin origin = Origin::kAllocator;
  bool zeroed = false;  // calloc: the bytes must be zero, not the fill
  size_t room = 0;      // addresses to keep free behind a large block
};

// What the caller of free, sized delete or Deallocate says of the block. A size
// counts only when `size_stated`, since 0 is a size.
struct FreeClaim {
  Origin origin = Origin::kAllocator;
  bool size_stated = false;
  uint64_t size = 0;
  uint64_t alignment = kNotStated;
  Operation operation = Operation::kFree;
};

// Thread-safe unless options.thread_safe is 0. All functions keep errno and
// none throws. `caller` is the frame that called the public entry point.
class DebugHeap {
 public:
  // A heap in memory of the backing allocator; null when it refused. `options`
  // are taken as they are (merging with the environment is the caller's).
  static DebugHeap* Create(Allocator& backing, const Options& options,
                           const HeapHost& host);

  // Returns all memory to the backing allocator, live blocks included, without
  // any check. `heap` is gone afterwards.
  static void Destroy(DebugHeap* heap);

  // Null: refused (no memory, limit reached, size above PTRDIFF_MAX).
  void* Allocate(const AllocationRequest& request, const CallerFrame& caller);

  // Null `block`: nothing happens. Errors are reported to the sink; when it
  // returns, a block that is live is freed as its record says.
  void Free(void* block, const FreeClaim& claim, const CallerFrame& caller);

  // In place only. False: refused or reported; the block is as it was.
  bool Resize(void* block, size_t new_size, const FreeClaim& claim,
              const CallerFrame& caller);

  // Like realloc of a non-null block to a size above 0: moves when it must and
  // then frees the old block. Null: refused or reported; the block is as it
  // was. `request` describes the new block (its size is the new size).
  void* Reallocate(void* block, const AllocationRequest& request,
                   const FreeClaim& claim, const CallerFrame& caller);

  // The same without copying: false where Reallocate would copy the bytes of a
  // small block, as Allocator::Remap has it.
  void* Remap(void* block, const AllocationRequest& request,
              const FreeClaim& claim, const CallerFrame& caller);

  // Requested size of a live block; 0 (after a report) for anything else.
  size_t UsableSize(const void* block, const CallerFrame& caller);

  // Whether a block lives whose allocation has this number or a higher one.
  // Looks at the blocks allocated since then, and at one of each span.
  bool HasLiveBlockSince(uint64_t number);

  // Whether the address lies in memory of this heap, live, freed or retired.
  bool Owns(const void* address) const;

  // The block at, around or nearest to an address. Pure look-up.
  BlockDescription Describe(uintptr_t address) const;

  // Explains an access that faulted. False: the address has nothing to do with
  // this heap. Takes no lock; for handlers of signals.
  bool ReportFault(const FaultingAccess& access);

  // Looks at memory of `size` bytes, above 0, that the program hands to a
  // function: `access` says which, and what it does there. Bytes of the heap
  // that are in no live block are reported; when the function `is_done`, those
  // behind a live block alone, since another thread may have freed it. False:
  // that was so.
  bool CheckBuffer(size_t size, FaultingAccess access, bool is_done);

  // Adds how long ago things happened to a block that this heap described.
  void AddTimes(BlockDescription& block);

  // Verifies every redzone and every fill of freed resident memory; reports
  // each damaged block once. Returns how many were damaged.
  size_t CheckHeap(Operation operation, const CallerFrame& caller);

  // Adds the live blocks whose allocation has this number or a higher one, but
  // for those that the program wants no check to tell of.
  void AddLiveBlocks(uint64_t first_number, LeakGroups* groups);

  // Calls `visit` for each live block, without its stacks. Exact while no other
  // thread is at work.
  void ForEachLiveBlock(void (*visit)(void* context,
                                      const BlockDescription& block),
                        void* context);

  // Reports the live blocks, grouped by stack. Returns how many there are.
  size_t ReportLiveBlocks(Operation operation, const CallerFrame& caller);

  // Forgets freed blocks' records and gives their memory back.
  void FlushRetainedMetadata();

  // Where errors go from now on. Not while other threads use the heap.
  void SetErrorSink(ErrorSink* sink);

  // Bytes that may be requested at once from now on; 0: no limit.
  void SetMemoryLimit(uint64_t bytes);
  uint64_t requested_bytes() const;

  // Of this heap, all but resident_bytes.
  HeapStatistics GetStatistics() const;

  // Bytes of blocks and records that are in memory. Asks the kernel: some
  // microseconds for each 2 MiB in use.
  size_t ResidentBytes();

  // One entry a size class that has memory, smallest first, large blocks last.
  // Fills at most `capacity` entries and returns how many there are. Walks over
  // all blocks that have memory.
  size_t GetClassStatistics(ClassStatistics* classes, size_t capacity);

  // The blocks themselves, for a leak scan; and the bytes of this object, which
  // point to blocks but hold none.
  heap::Heap& blocks();
  static size_t ObjectSize();

  // Around fork, in a threaded process: takes and gives back every lock.
  void PrepareFork();
  void FinishForkInParent();
  void FinishForkInChild();

  // The calling thread ends: its spans go to the next thread that needs one.
  void ReleaseThread();

  // The allocator from now on belongs to the calling thread (thread_safe=0,
  // check_threads=1).
  void AdoptByCurrentThread();

  // The inside, for small_path.h.
  class Body;

 private:
  DebugHeap() = default;
  ~DebugHeap() = default;
};

}  // namespace dbgalloc::debug

#endif  // DBGALLOC_ALLOC_DEBUG_DEBUG_HEAP_H_
