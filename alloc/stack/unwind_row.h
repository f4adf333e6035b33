// How to step out of a frame, boiled down to one word.
//
// The tables of a program (.eh_frame) describe every instruction by a small
// program of their own. Of its result a walk needs three things: where the
// frame ends (the canonical frame address, CFA), where the return address lies,
// and where the caller's frame pointer lies. A row holds these three.
//
//   63         40 39        25 24       11 10 9 8   6 5   3 2 1 0
//   | CFA offset |  frame ptr | return adr | S A | fp  | cfa | U R F |
//
// Offsets are signed and count words. Nearly all rows are told by the lowest
// three bits; only with U (unusual) do the fields in the middle matter.
#ifndef DBGALLOC_ALLOC_STACK_UNWIND_ROW_H_
#define DBGALLOC_ALLOC_STACK_UNWIND_ROW_H_

#include <cstdint>

#include "alloc/stack/machine_registers.h"

namespace dbgalloc::stack {

// How the CFA, which is also the caller's stack pointer, is found.
enum class CfaKind : uint8_t {
  kAbsent,          // not a row
  kStackPointer,    // stack pointer + offset
  kFramePointer,    // frame pointer + offset
  kAtStackPointer,  // the word at stack pointer + offset
  kAtFramePointer,  // the word at frame pointer + offset
  kEnd,             // the outermost frame: nobody called it
  kNoTable,         // no table covers this address, or none we can read
};

// Where the caller's frame pointer is.
enum class SavedKind : uint8_t {
  kSame,            // still in the register
  kAtCfa,           // the word at CFA + offset
  kAtStackPointer,  // the word at stack pointer + offset
  kAtFramePointer,  // the word at frame pointer + offset
  kLost,            // nowhere
};

// What a row says, spelled out. Offsets in words.
struct UnwindRule {
  CfaKind cfa = CfaKind::kAbsent;
  int64_t cfa_offset = 0;
  SavedKind frame_pointer = SavedKind::kSame;
  int64_t frame_pointer_offset = 0;
  int64_t return_address_offset = 0;
  bool return_address_at_stack = false;  // from the stack pointer, not the CFA
  bool is_signal_frame = false;  // the caller was interrupted, not calling
};

class UnwindRow {
 public:
  constexpr UnwindRow() = default;
  explicit constexpr UnwindRow(uint64_t word) : word_(word) {}

  // A row that says nothing but its kind.
  static constexpr UnwindRow Of(CfaKind kind) {
    return UnwindRow(kUnusual | Field(static_cast<int64_t>(kind), 3, 3));
  }

  // kNoTable when an offset is too large.
  static constexpr UnwindRow Of(const UnwindRule& rule) {
    const UnwindRow row(Encode(rule));
    const bool fits = row.cfa_offset() == rule.cfa_offset &&
                      row.frame_pointer_offset() == rule.frame_pointer_offset &&
                      row.return_address_offset() == rule.return_address_offset;
    return fits ? row : Of(CfaKind::kNoTable);
  }

  constexpr uint64_t word() const { return word_; }

  // Usual: the CFA is a register plus an offset, the return address is in the
  // word below it, and the frame pointer is in its register or relative to the
  // CFA.
  constexpr bool is_unusual() const { return (word_ & kUnusual) != 0; }
  constexpr bool starts_at_frame_pointer() const {
    return (word_ & kFromFramePointer) != 0;
  }
  constexpr bool reloads_frame_pointer() const {
    return (word_ & kReloadsFramePointer) != 0;
  }

  constexpr CfaKind kind() const {
    return static_cast<CfaKind>((word_ >> 3) & 7);
  }
  constexpr SavedKind frame_pointer() const {
    return static_cast<SavedKind>((word_ >> 6) & 7);
  }
  constexpr bool return_address_at_stack() const {
    return (word_ >> 9 & 1) != 0;
  }
  constexpr bool is_signal_frame() const { return (word_ >> 10 & 1) != 0; }
  constexpr int64_t cfa_offset() const { return Signed(40, 24); }
  constexpr int64_t frame_pointer_offset() const { return Signed(25, 15); }
  constexpr int64_t return_address_offset() const { return Signed(11, 14); }

 private:
  static constexpr uint64_t kFromFramePointer = 1;
  static constexpr uint64_t kReloadsFramePointer = 2;
  static constexpr uint64_t kUnusual = 4;

  static constexpr uint64_t Field(int64_t value, int shift, int bits) {
    const uint64_t mask = (uint64_t{1} << bits) - 1;
    return (static_cast<uint64_t>(value) & mask) << shift;
  }

  constexpr int64_t Signed(int shift, int bits) const {
    return static_cast<int64_t>(word_ << (64 - shift - bits)) >> (64 - bits);
  }

  static constexpr bool IsUsual(const UnwindRule& rule) {
    return (rule.cfa == CfaKind::kStackPointer ||
            rule.cfa == CfaKind::kFramePointer) &&
           (rule.frame_pointer == SavedKind::kSame ||
            rule.frame_pointer == SavedKind::kAtCfa) &&
           rule.return_address_offset == kUsualReturnAddressOffset &&
           !rule.return_address_at_stack && !rule.is_signal_frame;
  }

  static constexpr uint64_t Encode(const UnwindRule& rule) {
    uint64_t word = IsUsual(rule) ? 0 : kUnusual;
    if (rule.cfa == CfaKind::kFramePointer) word |= kFromFramePointer;
    if (rule.frame_pointer == SavedKind::kAtCfa) word |= kReloadsFramePointer;
    return word | Field(static_cast<int64_t>(rule.cfa), 3, 3) |
           Field(static_cast<int64_t>(rule.frame_pointer), 6, 3) |
           Field(rule.return_address_at_stack, 9, 1) |
           Field(rule.is_signal_frame, 10, 1) |
           Field(rule.return_address_offset, 11, 14) |
           Field(rule.frame_pointer_offset, 25, 15) |
           Field(rule.cfa_offset, 40, 24);
  }

  uint64_t word_ = kUnusual;  // kAbsent
};

}  // namespace dbgalloc::stack

#endif  // DBGALLOC_ALLOC_STACK_UNWIND_ROW_H_
