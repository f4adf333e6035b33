// Reduces a DWARF expression of the unwind tables to the one shape that a row
// can hold: register + offset, or the word there.
//
// The expressions that compilers, linkers and C libraries write are few: signal
// frames (breg7+160; deref), PLT stubs (breg7+8, plus 8 behind the push; the
// program counter is known, so it folds to a number), realigned stacks
// (breg6-8; deref). Folding them once leaves nothing to evaluate in a walk.
#ifndef DBGALLOC_ALLOC_STACK_CFA_EXPRESSION_H_
#define DBGALLOC_ALLOC_STACK_CFA_EXPRESSION_H_

#include <cstdint>

#include "alloc/stack/dwarf_reader.h"

namespace dbgalloc::stack {

// offset, register + offset, or the word at register + offset.
struct FoldedValue {
  enum class Base : uint8_t { kNumber, kStackPointer, kFramePointer };
  Base base = Base::kNumber;
  bool is_word_at = false;
  int64_t offset = 0;
};

// Folds `expression` for an instruction at `program_counter`. `cfa`, where
// given, is on the stack at the start, as for register rules. False when the
// result has another shape or the expression is damaged.
bool FoldExpression(DwarfReader expression, uintptr_t program_counter,
                    const FoldedValue* cfa, FoldedValue* result);

}  // namespace dbgalloc::stack

#endif  // DBGALLOC_ALLOC_STACK_CFA_EXPRESSION_H_
