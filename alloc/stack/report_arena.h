// Memory for the making of a report, straight from the kernel and given back
// all at once: debug information while it is read, names while they are shown.
#ifndef DBGALLOC_ALLOC_STACK_REPORT_ARENA_H_
#define DBGALLOC_ALLOC_STACK_REPORT_ARENA_H_

#include <cstddef>
#include <cstdint>

namespace dbgalloc::stack {

// Small pieces are cut from chunks and live until Drop(). Large ones have a
// mapping of their own and can be freed alone.
// Threads: one at a time; the symbolizer's lock sees to it. Trivially
// destroyed.
class ReportArena {
 public:
  constexpr ReportArena() = default;
  ReportArena(const ReportArena&) = delete;
  ReportArena& operator=(const ReportArena&) = delete;

  // Memory aligned to 16 bytes. Null: refused.
  void* Allocate(size_t size);

  // Makes a piece larger or smaller where it lies. False: it stays as it is.
  bool Extend(void* memory, size_t size, size_t new_size);

  // `size` as it was allocated. Memory that is neither large nor the newest
  // stays taken until Drop().
  void Free(void* memory, size_t size);

  // Gives everything back.
  void Drop();

  // Forgets everything without giving it back: whoever used the arena was cut
  // off in the middle.
  void Abandon();

  // Taken from the kernel now, in bytes.
  size_t bytes() const { return bytes_; }

 private:
  struct Mapping;

  Mapping* Map(size_t size);
  void Unmap(Mapping* mapping);

  Mapping* mappings_ = nullptr;  // all of them, newest first
  char* next_ = nullptr;         // the unused part of the current chunk
  char* end_ = nullptr;
  size_t bytes_ = 0;
};

}  // namespace dbgalloc::stack

#endif  // DBGALLOC_ALLOC_STACK_REPORT_ARENA_H_
