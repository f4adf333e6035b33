// The frames of a thread's last walk, for the next one to stop at.
//
// A thread's consecutive traces have most of their callers in common. So a walk
// compares each frame that it reaches with those of the last one. At the first
// that is there, it stops: neither tables nor hash are needed for what lies
// further out.
//
//   0         first                                            kCapacity
//   |   free   | innermost ...  frame  frame  frame ... outermost |
//                each with the sum of itself and all behind it (trace_hash.h)
//
// When may it stop? What a walk finds is determined by the registers of the
// frame where it is (program counter, stack pointer, and the frame pointer
// where a later frame is found by it) and by the words of the stack that it
// goes by from there on: return addresses, saved frame pointers. Registers are
// compared with the known frame's, and the words are read again: one or two
// loads a frame that do not wait for each other. A function that has returned
// and was called anew by somebody else may well have the same registers, but
// then one of these words has changed, and the walk goes on to the frame behind
// it.
#ifndef DBGALLOC_ALLOC_STACK_LAST_WALK_H_
#define DBGALLOC_ALLOC_STACK_LAST_WALK_H_

#include <cstddef>
#include <cstdint>

#include "alloc/stack/caller_frame.h"
#include "alloc/stack/trace_cache.h"
#include "alloc/stack/trace_hash.h"
#include "alloc/stack/unwind.h"

namespace dbgalloc::stack {

struct WalkRegisters;

// Threads: one, and no signal handler in the middle of it (last_walks.h).
// Memory: 24 KiB, all zero at first, touched as used.
class LastWalk {
 public:
  static constexpr size_t kMaxTrace = TraceHash::kMaxPart;

  // What the frames were found under: under anything else they are forgotten.
  struct Settings {
    uint64_t epoch = 0;  // of the unwind rows
    UnwindMethod method = UnwindMethod::kAuto;
    bool operator==(const Settings&) const = default;
  };

  struct Trace {
    const uintptr_t* frames = nullptr;  // until the next walk
    size_t count = 0;
    size_t walked = 0;  // how many of them were not known
    TraceHash hash;
    bool is_repeatable = false;  // depends on nothing but registers and words
  };

  constexpr LastWalk() = default;
  LastWalk(const LastWalk&) = delete;
  LastWalk& operator=(const LastWalk&) = delete;

  // Whether the next walk may find much to share: not when the last ones did
  // not. Says yes now and then, in case the program has moved on.
  bool IsWorthwhile();

  // As CaptureStack(). `from` lies on the calling thread's stack, which ends at
  // `high`; `max_frames` is 1 to kMaxTrace.
  Trace Walk(const CallerFrame& from, size_t max_frames, Settings settings,
             uintptr_t high);

  // What `trace`, the result of the last Walk() from there, depends on.
  WalkedWords WordsOf(const Trace& trace, const CallerFrame& from) const;

 private:
  class Log;

  static constexpr size_t kCapacity = kMaxTrace + 64;
  // What a step went by besides the return address, as bits.
  static constexpr uint32_t kFramePointerWord = 1;  // at frame_pointer_slot
  static constexpr uint32_t kEndWord = 2;           // at end_slot
  static constexpr uint32_t kUnknownWord = 4;       // cannot be verified

  // A frame and the step out of it. The return address is below the next
  // frame's stack pointer. All slots lie between this frame's stack pointer and
  // the end of the stack.
  struct Frame {
    uintptr_t stack_pointer = 0;
    uintptr_t frame_pointer = 0;       // if it is used
    uintptr_t frame_pointer_slot = 0;  // holds the next one's
    uintptr_t end_slot = 0;            // holds the next one's stack pointer
    uint32_t words = 0;
    bool uses_frame_pointer = false;  // here or further out
  };

  size_t first() const { return kCapacity - size_; }
  bool IsAt(size_t frame, const WalkRegisters& at) const;
  size_t BehindChanges(size_t frame, size_t end) const;
  bool HasChanged(size_t frame) const;
  bool OtherWordsChanged(size_t frame) const;
  Trace Keep(size_t joined, size_t end, size_t walked);
  Trace Drop(size_t walked);
  void DropOutermost(size_t count);

  Settings settings_;
  uintptr_t high_ = 0;  // the end of the stack
  size_t size_ = 0;
  bool is_whole_ = false;    // the outermost frame has no caller
  uint32_t poor_walks_ = 0;  // in a row, that shared little
  uintptr_t counters_[kCapacity] = {};
  Frame frames_[kCapacity] = {};
  uint64_t sums_[kCapacity + 1] = {};
  // Of the walk that is going on, innermost first.
  uintptr_t walked_counters_[kMaxTrace] = {};
  Frame walked_[kMaxTrace] = {};
};

}  // namespace dbgalloc::stack

#endif  // DBGALLOC_ALLOC_STACK_LAST_WALK_H_
