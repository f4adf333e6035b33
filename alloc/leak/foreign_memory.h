// Memory that the program mapped itself: stacks of coroutines, arenas, pages of
// the dynamic linker. It is read as a whole once a pointer into it was found.
#ifndef DBGALLOC_ALLOC_LEAK_FOREIGN_MEMORY_H_
#define DBGALLOC_ALLOC_LEAK_FOREIGN_MEMORY_H_

#include <cstddef>
#include <cstdint>

#include "alloc/leak/block_index.h"
#include "alloc/leak/scan_memory.h"
#include "alloc/leak/word_scan.h"
#include "alloc/os/memory_map.h"

namespace dbgalloc::leak {

// Private, writable mappings of no file, by rising addresses. What is ours and
// what is known to be something else is taken out first; heap units never
// count.
class ForeignMemory {
 public:
  // Reads the process's mappings. False: no memory, or the kernel does not tell
  // of them.
  bool Read(ScanMemory* memory);

  // Taken out, wherever it lies; before Publish().
  bool Exclude(uintptr_t begin, uintptr_t end);

  // The writable mapping that holds an address, of whatever kind; empty: none
  // does.
  Range MappingAround(uintptr_t address) const;
  // That of the main thread's stack.
  Range main_stack() const { return main_stack_; }

  // Takes out the stacks of threads, dead ones that the C library keeps for
  // later included: mappings above an inaccessible one with a descriptor at
  // their upper end. Which part of them is alive, roots.h knows. Reads memory.
  void ExcludeThreadStacks();
  // Calls visit(address) for each descriptor that was found so.
  template <typename Visitor>
  void ForEachDescriptor(const Visitor& visit) const {
    for (size_t i = 0; i < part_count_; ++i) {
      if (parts_[i].descriptor != 0) visit(parts_[i].descriptor);
    }
  }

  // Tells the index where the mappings lie. False: no memory.
  bool Publish(BlockIndex* index);

  // Takes the part around an address: calls visit(Range) for all of it that is
  // to be read, unless it was taken before.
  template <typename Visitor>
  void Take(uintptr_t address, BlockIndex* index, const Visitor& visit) {
    Part* part = PartAround(address);
    if (part == nullptr || part->taken) return;
    part->taken = true;
    index->ForgetForeign(part->range.begin, part->range.end);
    ForEachGap(*part, *index, visit);
  }

  // More ranges than Take() can ever name.
  size_t ranges(const BlockIndex& index) const {
    return 2 * part_count_ + index.span_count();
  }

 private:
  struct Part {
    Range range;
    bool above_guard = false;
    bool taken = false;
    uintptr_t descriptor = 0;  // of a thread whose stack this is; 0: none
  };

  bool ReadMappings();
  static void Add(void* context, const os::Mapping& mapping);
  Part* PartAround(uintptr_t address) const;

  // What no span of the heap covers.
  template <typename Visitor>
  static void ForEachGap(const Part& part, const BlockIndex& index,
                         const Visitor& visit) {
    uintptr_t begin = part.range.begin;
    for (uintptr_t at = begin; at < part.range.end;) {
      uintptr_t next = (at & ~(index.unit() - 1)) + index.unit();
      if (next > part.range.end) next = part.range.end;
      if (index.IsHeap(at)) {
        if (begin < at) visit(Range{begin, at});
        begin = next;
      }
      at = next;
    }
    if (begin < part.range.end) visit(Range{begin, part.range.end});
  }

  ScanMemory* memory_ = nullptr;
  os::Mapping* mappings_ = nullptr;  // all writable ones
  size_t mapping_capacity_ = 0;
  size_t mapping_count_ = 0;  // above the capacity: some were left out
  Part* parts_ = nullptr;
  size_t part_count_ = 0;
  size_t part_capacity_ = 0;
  uintptr_t guard_end_ = 0;  // of the latest inaccessible mapping
  Range main_stack_;
};

}  // namespace dbgalloc::leak

#endif  // DBGALLOC_ALLOC_LEAK_FOREIGN_MEMORY_H_
