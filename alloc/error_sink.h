// Where the errors of an allocator go.
#ifndef DBGALLOC_ALLOC_ERROR_SINK_H_
#define DBGALLOC_ALLOC_ERROR_SINK_H_

#include <cstddef>
#include <cstdint>

#include "dbgalloc/error_record.h"

namespace dbgalloc {

// What is known of how a leak check's blocks can be reached.
enum class LeakReach : uint8_t {
  kNotAsked,   // they are live at the end of their allocator
  kLost,       // no pointer to them is left
  kReachable,  // no leaks: what leak_check=all lists besides
};

// Blocks found at one leak check, largest group first, each followed by the
// groups that it holds.
struct LeakReport {
  const LeakGroup* groups = nullptr;
  size_t group_count = 0;
  uint64_t blocks = 0;
  uint64_t bytes = 0;
  Operation operation = Operation::kDestruction;
  HeapEvent now;
  LeakReach reach = LeakReach::kNotAsked;
  uint64_t held_blocks = 0;  // of them, those that only others hold
  uint64_t held_bytes = 0;
  const char* scan = "";    // how the memory was looked through; "": it was not
  const char* region = "";  // of code that the check was about; "": all of it
};

// One operation that trace_alloc or break_at selects, as it happens.
struct OperationTrace {
  enum class Deed : uint8_t {
    kAllocated,
    kResized,  // in place
    kMoved,    // a resize to a new block, which is `block`
    kFrees,    // the block is not freed yet
  };
  Deed deed = Deed::kAllocated;
  Operation operation = Operation::kAllocate;
  bool breaks = false;  // a SIGTRAP follows
  HeapEvent now;
  BlockDescription block;
};

// Receives the errors of one or more allocators. Called with no lock of the
// allocator held, possibly from several threads at once. An implementation may
// end the process; when it returns, the allocator goes on in a safe way (the
// operation at fault does nothing, or uses what the records say). It may use
// the allocator, but may not let it verify its whole heap once more.
class ErrorSink {
 public:
  virtual void OnError(const ErrorRecord& record) = 0;
  virtual void OnLeaks(const LeakReport& report) = 0;
  // Nothing is wrong: by default nobody listens.
  virtual void OnTrace(const OperationTrace& trace) {
    static_cast<void>(trace);
  }

 protected:
  ~ErrorSink() = default;
};

}  // namespace dbgalloc

#endif  // DBGALLOC_ALLOC_ERROR_SINK_H_
