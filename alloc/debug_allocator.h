// The debug allocator as a class: an Allocator over any other that checks every
// use of its blocks and tells the whole story of a mistake.
//
//   dbgalloc::DebugAllocator allocator;             // over pages of the system
//   void* block = allocator.Allocate(24, 8);
//   allocator.Deallocate(block, 24, 8);
//   allocator.Deallocate(block, 24, 8);             // report: three stacks
//
// Options are those of DBGALLOC_OPTIONS (docs/flags.md), overlaid by what is
// set in code.
#ifndef DBGALLOC_ALLOC_DEBUG_ALLOCATOR_H_
#define DBGALLOC_ALLOC_DEBUG_ALLOCATOR_H_

#include <cstddef>
#include <cstdint>

#include "dbgalloc/allocator.h"
#include "dbgalloc/error_record.h"
#include "dbgalloc/error_sink.h"
#include "dbgalloc/options.h"

namespace dbgalloc {

namespace debug {
class DebugHeap;
struct HeapHost;
}  // namespace debug

// What destroying an allocator found.
enum class Verdict { kOk, kLeak };

// Figures of one allocator, in blocks and bytes; requested bytes, except where
// said otherwise.
struct DebugAllocatorStatistics {
  uint64_t allocations = 0;
  uint64_t deallocations = 0;
  uint64_t allocated_bytes = 0;
  uint64_t freed_bytes = 0;
  uint64_t live_blocks = 0;
  uint64_t live_bytes = 0;
  uint64_t errors = 0;
  uint64_t quarantine_bytes = 0;  // freed memory still held, in whole pages
  uint64_t metadata_bytes = 0;    // taken for records
  uint64_t span_bytes = 0;        // address space taken for blocks
  uint64_t peak_blocks = 0;
  uint64_t peak_bytes = 0;      // to within 0.4 %, and 64 KiB a further thread
  uint64_t retained_bytes = 0;  // records of freed blocks whose memory is gone
};

// The same of one size class; freed blocks count until their memory has gone.
struct DebugAllocatorClassStatistics {
  uint64_t capacity = 0;  // the largest block; 0: large blocks, of any size
  uint64_t spans = 0;
  uint64_t live_blocks = 0;
  uint64_t live_bytes = 0;
  uint64_t freed_blocks = 0;
  uint64_t freed_bytes = 0;
};

// Finds double, invalid and interior frees, wrong sizes and alignments, writes
// before, behind and after the life of a block, use by the wrong thread, and
// leaks. Instances are independent of each other.
//
// Threads: thread-safe, unless options.thread_safe is 0. Small blocks take no
// lock that another thread holds.
// Cost: a constant number of steps an operation, however many blocks live or
// have lived; 24 bytes of records and 16 to 32 bytes of redzones a block.
// Errors: a mistake of the caller goes to the error sink, which by default
// writes a report and ends the process (halt_on_error). When the sink returns,
// the operation uses what the records say, or does nothing.
// Exhaustion: null or false, with nothing changed.
class DebugAllocator final : public Allocator {
 public:
  // Over pages of the system, with the environment's options.
  DebugAllocator();
  explicit DebugAllocator(const Options& options);
  // Over `backing`, which must outlive this and hand out memory aligned as it
  // is asked to.
  explicit DebugAllocator(Allocator& backing);
  DebugAllocator(Allocator& backing, const Options& options);

  // With nothing of a system: one thread, no stacks, no environment; errors go
  // to `sink`, options are taken as they are. For freestanding programs.
  DebugAllocator(Allocator& backing, const Options& options, ErrorSink& sink);

  // Finish(), unless it was called before.
  ~DebugAllocator();

  DebugAllocator(const DebugAllocator&) = delete;
  DebugAllocator& operator=(const DebugAllocator&) = delete;

  // False: the backing allocator refused the memory for this allocator's own
  // state; every allocation is refused.
  bool ok() const { return heap_ != nullptr; }

  void* Allocate(size_t size, size_t alignment) override;
  bool Resize(void* block, size_t size, size_t alignment,
              size_t new_size) override;
  void* Remap(void* block, size_t size, size_t alignment,
              size_t new_size) override;
  void Deallocate(void* block, size_t size, size_t alignment) override;

  // Reports the blocks that live now, grouped by the stack that allocated them.
  // Returns how many there are. May be called any number of times.
  size_t DetectLeaks();

  // Verifies every redzone and every fill of freed memory; each damaged block
  // is reported once. Returns how many were found.
  size_t CheckHeap();

  // The end: checks the heap, reports leaks (detect_leaks), and returns all
  // memory to the backing allocator. Afterwards every allocation is refused.
  Verdict Finish();

  // The end without any check.
  void FinishWithoutChecks();

  // Forgets freed blocks whose memory is gone; live ones are left alone.
  void FlushRetainedMetadata();

  // Where errors go from now on; null: they are only counted.
  void SetErrorSink(ErrorSink* sink);

  // Bytes that may be requested at once; 0: no limit. Exact from the first
  // block on when memory_limit or enable_memory_limit was set at construction,
  // else when set while no other thread uses the allocator.
  void SetMemoryLimit(uint64_t bytes);
  // Bytes requested and not freed.
  uint64_t requested_bytes() const;

  // Whether the address lies in memory of this allocator, live or freed.
  bool Owns(const void* address) const;

  // The block at, around or nearest to the address.
  BlockDescription Describe(const void* address) const;

  // From now on the allocator belongs to the calling thread (thread_safe=0 or
  // check_threads=1).
  void AdoptByCurrentThread();

  DebugAllocatorStatistics statistics() const;

  // Bytes of blocks and records that are in memory now. Asks the kernel; with
  // a backing allocator that has no pages, all that was taken from it.
  uint64_t resident_bytes() const;

  // One entry a size class in use, smallest first. Fills at most `capacity`
  // entries and returns how many there are. Walks over all blocks.
  size_t GetClassStatistics(DebugAllocatorClassStatistics* classes,
                            size_t capacity);

 private:
  // Room for the default sink, which knows this allocator's options.
  static constexpr size_t kSinkSize = 2 * sizeof(void*);

  void Start(const debug::HeapHost& host);

  Options options_;
  Allocator& backing_;
  alignas(void*) unsigned char sink_storage_[kSinkSize];
  ErrorSink* sink_ = nullptr;
  debug::DebugHeap* heap_ = nullptr;
};

}  // namespace dbgalloc

#endif  // DBGALLOC_ALLOC_DEBUG_ALLOCATOR_H_
