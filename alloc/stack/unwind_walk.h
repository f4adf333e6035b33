// The walk itself, as a template: the same loop serves the plain capture and
// the one that stops where the last one went by (last_walk.h).
#ifndef DBGALLOC_ALLOC_STACK_UNWIND_WALK_H_
#define DBGALLOC_ALLOC_STACK_UNWIND_WALK_H_

#include <cstddef>
#include <cstdint>

#include "alloc/stack/caller_frame.h"
#include "alloc/stack/machine_registers.h"
#include "alloc/stack/stack_memory.h"
#include "alloc/stack/unwind.h"
#include "alloc/stack/unwind_tables.h"

namespace dbgalloc::stack {

// The registers of the frame that a walk has reached.
struct WalkRegisters {
  uintptr_t program_counter;
  uintptr_t stack_pointer;
  uintptr_t frame_pointer;
};

// What a walk tells a log; this one does not listen.
//
// A step leads to the next frame by the return address below that frame's stack
// pointer. What else it went by is told.
struct NoLog {
  void Restart() {}
  // True: the walk ends before this frame.
  bool Reached(WalkRegisters at) {
    static_cast<void>(at);
    return false;
  }
  // The next frame's stack pointer was the word at `address`.
  void FrameEndFrom(uintptr_t address) { static_cast<void>(address); }
  // The frame pointer register was reloaded from `address`.
  void FramePointerFrom(uintptr_t address, uintptr_t value) {
    static_cast<void>(address), static_cast<void>(value);
  }
  void FramePointerLost() {}
  // The walk went on by the frame pointer's present value.
  void FramePointerUsed() {}
  // The return address was elsewhere.
  void StepNotVerifiable() {}
  // The walk depended on more than these.
  void NotRepeatable() {}
};

// One walk. What changes from frame to frame is local to its loops and never
// has its address taken, so that it stays in registers.
template <typename Log>
class StackWalk {
 public:
  StackWalk(const CallerFrame& from, Log& log) : from_(from), log_(log) {}

  [[gnu::always_inline]] size_t ByFramePointers(uintptr_t* frames,
                                                size_t max_frames) {
    WalkRegisters at = FirstRegisters();
    StackMemory memory = FirstMemory();
    size_t count = 0;
    while (at.program_counter >= kLowestCode) {
      if (log_.Reached(at)) return count;
      frames[count++] = at.program_counter;
      if (count == max_frames || !StepByFramePointer(at, memory)) return count;
    }
    log_.NotRepeatable();  // a word that is no program counter
    return count;
  }

  [[gnu::always_inline]] size_t ByTables(uintptr_t* frames, size_t max_frames,
                                         bool guess) {
    // A change of the loaded code in the middle of a walk is rare, and twice
    // in the same walk is taken as it comes.
    constexpr int kMaxRestarts = 2;
    for (int restart = 0;; ++restart) {
      const RowCache::Epoch epoch = unwind_rows.epoch();
      const size_t count = ByTablesOf(epoch, frames, max_frames, guess);
      if (!missed_ || unwind_rows.epoch() == epoch || restart == kMaxRestarts) {
        return count;
      }
      missed_ = false;
      log_.Restart();
    }
  }

 private:
  WalkRegisters FirstRegisters() const {
    return {from_.program_counter, from_.stack_pointer, from_.frame_pointer};
  }

  StackMemory FirstMemory() {
    const StackMemory memory(from_.stack_pointer);
    if (!memory.on_thread_stack()) log_.NotRepeatable();
    return memory;
  }

  // `guess`: leave frames without a table by their frame pointer.
  [[gnu::always_inline]] size_t ByTablesOf(RowCache::Epoch epoch,
                                           uintptr_t* frames, size_t max_frames,
                                           bool guess) {
    WalkRegisters at = FirstRegisters();
    StackMemory memory = FirstMemory();
    size_t count = 0;
    uintptr_t behind_call = 1;  // a return address may belong to the next line
    while (at.program_counter >= kLowestCode) {
      if (log_.Reached(at)) return count;
      frames[count++] = at.program_counter;
      if (count == max_frames) return count;
      const uintptr_t address = at.program_counter - behind_call;
      behind_call = 1;
      UnwindRow row = unwind_rows.Find(address, epoch);
      if (__builtin_expect(!row.is_unusual(), 1)) {
        if (!StepByUsualRow(row, at, memory)) return count;
        continue;
      }
      if (row.kind() == CfaKind::kAbsent) {
        missed_ = true;
        row = WorkOutRow(address);
      }
      if (row.kind() == CfaKind::kNoTable) {
        if (!guess || !StepByFramePointer(at, memory)) return count;
      } else if (!StepByRow(row, at, memory)) {
        if (row.kind() != CfaKind::kEnd) log_.NotRepeatable();
        return count;
      }
      if (row.is_signal_frame()) behind_call = 0;
    }
    log_.NotRepeatable();  // a word that is no program counter
    return count;
  }

  [[gnu::always_inline]] bool StepByUsualRow(UnwindRow row, WalkRegisters& at,
                                             StackMemory& memory) {
    uintptr_t base = at.stack_pointer;
    if (row.starts_at_frame_pointer()) {
      log_.FramePointerUsed();
      base = at.frame_pointer;
    }
    const uintptr_t cfa = base + Bytes(row.cfa_offset());
    const uintptr_t slot = cfa + Bytes(kUsualReturnAddressOffset);
    uintptr_t return_address;
    // A stack only grows outward.
    if (cfa <= at.stack_pointer || !memory.Read(slot, &return_address)) {
      return false;
    }
    if (row.reloads_frame_pointer()) {
      const uintptr_t saved = cfa + Bytes(row.frame_pointer_offset());
      if (!memory.Read(saved, &at.frame_pointer)) {
        log_.NotRepeatable();
        return false;
      }
      log_.FramePointerFrom(saved, at.frame_pointer);
    }
    at.stack_pointer = cfa;
    at.program_counter = PlainReturnAddress(return_address);
    return true;
  }

  bool StepByRow(UnwindRow row, WalkRegisters& at, StackMemory& memory) {
    uintptr_t cfa;
    if (!CanonicalFrameAddress(row, at, memory, &cfa)) return false;
    const uintptr_t base =
        row.return_address_at_stack() ? at.stack_pointer : cfa;
    const uintptr_t slot = base + Bytes(row.return_address_offset());
    uintptr_t return_address;
    if (!memory.Read(slot, &return_address)) return false;
    if (slot != cfa + Bytes(kUsualReturnAddressOffset)) {
      log_.StepNotVerifiable();
    }
    if (!ReloadFramePointer(row, cfa, at, memory)) return false;
    if (row.is_signal_frame()) {
      log_.NotRepeatable();
      if (!memory.SwitchTo(cfa)) return false;
    } else if (cfa <= at.stack_pointer) {
      return false;
    }
    at.stack_pointer = cfa;
    at.program_counter = PlainReturnAddress(return_address);
    return true;
  }

  bool CanonicalFrameAddress(UnwindRow row, const WalkRegisters& at,
                             StackMemory& memory, uintptr_t* cfa) {
    const CfaKind kind = row.kind();
    if (kind == CfaKind::kEnd) return false;
    uintptr_t base = at.stack_pointer;
    if (kind == CfaKind::kFramePointer || kind == CfaKind::kAtFramePointer) {
      log_.FramePointerUsed();
      base = at.frame_pointer;
    }
    *cfa = base + Bytes(row.cfa_offset());
    if (kind == CfaKind::kStackPointer || kind == CfaKind::kFramePointer) {
      return true;
    }
    const uintptr_t slot = *cfa;
    if (!memory.Read(slot, cfa)) return false;
    log_.FrameEndFrom(slot);
    return true;
  }

  bool ReloadFramePointer(UnwindRow row, uintptr_t cfa, WalkRegisters& at,
                          StackMemory& memory) {
    uintptr_t base = cfa;
    switch (row.frame_pointer()) {
      case SavedKind::kSame:
        return true;
      case SavedKind::kAtCfa:
        break;
      case SavedKind::kAtStackPointer:
        base = at.stack_pointer;
        break;
      case SavedKind::kAtFramePointer:
        log_.FramePointerUsed();
        base = at.frame_pointer;
        break;
      default:
        log_.FramePointerLost();
        at.frame_pointer = 0;
        return true;
    }
    const uintptr_t slot = base + Bytes(row.frame_pointer_offset());
    if (!memory.Read(slot, &at.frame_pointer)) return false;
    log_.FramePointerFrom(slot, at.frame_pointer);
    return true;
  }

  // Into the caller by the two words that the frame pointer points at.
  [[gnu::always_inline]] bool StepByFramePointer(WalkRegisters& at,
                                                 StackMemory& memory) {
    log_.FramePointerUsed();
    const uintptr_t record = at.frame_pointer + kFrameRecordFromFramePointer;
    const uintptr_t slot = record + sizeof(uintptr_t);
    uintptr_t return_address;
    if (record < at.stack_pointer || !memory.Read(slot, &return_address) ||
        !memory.Read(record, &at.frame_pointer)) {
      return false;
    }
    log_.FramePointerFrom(record, at.frame_pointer);
    at.stack_pointer = record + kFrameRecordSize;
    at.program_counter = PlainReturnAddress(return_address);
    return true;
  }

  static uintptr_t Bytes(int64_t words) {
    return static_cast<uintptr_t>(words) * sizeof(uintptr_t);
  }

  const CallerFrame& from_;
  Log& log_;
  bool missed_ = false;
};

// Walks by `method`, telling `log`.
template <typename Log>
[[gnu::always_inline]] inline size_t WalkStack(const CallerFrame& from,
                                               uintptr_t* frames,
                                               size_t max_frames,
                                               UnwindMethod method, Log& log) {
  if (max_frames == 0) return 0;
  StackWalk<Log> walk(from, log);
  if (method == UnwindMethod::kFramePointer) {
    return walk.ByFramePointers(frames, max_frames);
  }
  return walk.ByTables(frames, max_frames, method == UnwindMethod::kAuto);
}

}  // namespace dbgalloc::stack

#endif  // DBGALLOC_ALLOC_STACK_UNWIND_WALK_H_
