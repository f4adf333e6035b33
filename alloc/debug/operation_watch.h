// Which operations are told of as they happen (trace_alloc, verbose_log), which
// stop the program for a debugger (break_at), and which blocks the costly
// checks are for (bisect).
//
// All of it is asked behind one flag that an ordinary heap finds unset, or in
// the place of one (CheckedBlocks).
#ifndef DBGALLOC_ALLOC_DEBUG_OPERATION_WATCH_H_
#define DBGALLOC_ALLOC_DEBUG_OPERATION_WATCH_H_

#include <cstdint>

#include "dbgalloc/error_record.h"
#include "dbgalloc/options.h"
#include "runtime_flags/operation_selection.h"

namespace dbgalloc::debug {

// The blocks that a check is made for.
enum class CheckedBlocks : uint8_t {
  kNone,
  kInWindow,  // those whose allocation stack bisect selects
  kAll,
};

// An event as the flags know it; 0 is unknown.
struct NamedEvent {
  uint64_t number = 0;
  uint32_t stack_hash = 0;
};

// Threads: read-only once it is set up.
class OperationWatch {
 public:
  using HashStack = uint32_t (*)(uint32_t stack);

  // `hash_stack` null: stacks have no hashes.
  void Init(const Options& options, HashStack hash_stack);

  bool is_on() const { return !break_at_.empty() || !trace_.empty(); }

  bool has_window() const { return has_window_; }

  // A hash costs something: it is worked out where a flag asks for it.
  NamedEvent Name(const HeapEvent& event) const;

  bool Breaks(const NamedEvent& now) const;
  // `now`, or the allocation of the block that it is about.
  bool Traces(const NamedEvent& now, const NamedEvent& allocated) const;

  // kAll with no window set.
  CheckedBlocks CheckedWhen(bool on) const;
  bool InWindow(uint32_t allocation_stack) const;

 private:
  runtime_flags::OperationSelection break_at_;
  runtime_flags::OperationSelection trace_;
  runtime_flags::HashWindow window_;
  bool has_window_ = false;
  HashStack hash_stack_ = nullptr;
};

}  // namespace dbgalloc::debug

#endif  // DBGALLOC_ALLOC_DEBUG_OPERATION_WATCH_H_
