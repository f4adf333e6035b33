#include "alloc/stack/cfi_program.h"

#include <cstddef>

#include "alloc/stack/cfa_expression.h"
#include "alloc/stack/dwarf_constants.h"
#include "alloc/stack/machine_registers.h"

namespace dbgalloc::stack {
namespace {

// How to find one register of the caller.
struct RegisterRule {
  enum class Kind : uint8_t {
    kSame,        // in the register still
    kUndefined,   // lost; for the return address: nobody called
    kAtCfa,       // the word at CFA + offset
    kExpression,  // the word at the expression's value
    kUnreadable,  // anything else
  };
  Kind kind = Kind::kSame;
  int64_t offset = 0;
  DwarfReader expression{};
};

struct CfaRule {
  uint64_t column = 0;
  int64_t offset = 0;
  bool is_expression = false;
  DwarfReader expression{};
};

struct RuleSet {
  CfaRule cfa;
  RegisterRule frame_pointer;
  RegisterRule return_address;
};

// The instructions' state: the rules now, those at the function's start, and
// those remembered.
class Machine {
 public:
  Machine(const FunctionTable& table, uintptr_t address)
      : table_(table), target_(address), location_(table.begin) {}

  // False when an instruction is damaged or unknown.
  bool Run() {
    if (!Execute(table_.initial_instructions)) return false;
    initial_ = rules_;
    location_ = table_.begin;
    return Execute(table_.instructions);
  }

  const RuleSet& rules() const { return rules_; }

 private:
  static constexpr size_t kMaxRemembered = 8;
  using Kind = RegisterRule::Kind;

  bool Execute(DwarfReader code) {
    while (!code.AtEnd() && location_ <= target_) {
      if (!Step(code)) return false;
    }
    return code.ok();
  }

  // Rules hold from the location where they are set: an advance beyond the
  // target ends the run before they change.
  bool Step(DwarfReader& code) {
    const uint8_t byte = code.Fixed<uint8_t>();
    const uint8_t low = byte & kCfaLowBits;
    switch (byte & kCfaHighBits) {
      case kCfaAdvanceLoc:
        return Advance(low);
      case kCfaOffset:
        return SetAtCfa(low, Scaled(code.Unsigned()));
      case kCfaRestore:
        return Restore(low);
      default:
        return StepLocation(byte, code);
    }
  }

  bool StepLocation(uint8_t byte, DwarfReader& code) {
    switch (byte) {
      case kCfaNop:
        return true;
      case kCfaSetLoc:
        location_ = code.Pointer(table_.pointer_encoding, 0);
        return true;
      case kCfaAdvanceLoc1:
        return Advance(code.Fixed<uint8_t>());
      case kCfaAdvanceLoc2:
        return Advance(code.Fixed<uint16_t>());
      case kCfaAdvanceLoc4:
        return Advance(code.Fixed<uint32_t>());
      case kCfaRememberState:
        return Remember();
      case kCfaRestoreState:
        return Recall();
      case kCfaGnuArgsSize:
        code.Unsigned();
        return true;
      case kCfaAarch64NegateRaState:
        return true;
      default:
        return StepCfa(byte, code);
    }
  }

  bool StepCfa(uint8_t byte, DwarfReader& code) {
    CfaRule& cfa = rules_.cfa;
    switch (byte) {
      case kCfaDefCfa:
        cfa = {.column = code.Unsigned()};
        cfa.offset = static_cast<int64_t>(code.Unsigned());
        return true;
      case kCfaDefCfaSf:
        cfa = {.column = code.Unsigned()};
        cfa.offset = Scaled(static_cast<uint64_t>(code.Signed()));
        return true;
      case kCfaDefCfaRegister:
        cfa.column = code.Unsigned();
        return !cfa.is_expression;
      case kCfaDefCfaOffset:
        cfa.offset = static_cast<int64_t>(code.Unsigned());
        return !cfa.is_expression;
      case kCfaDefCfaOffsetSf:
        cfa.offset = Scaled(static_cast<uint64_t>(code.Signed()));
        return !cfa.is_expression;
      case kCfaDefCfaExpression:
        cfa = {.is_expression = true, .expression = code.Part(code.Unsigned())};
        return true;
      default:
        return StepRegister(byte, code);
    }
  }

  bool StepRegister(uint8_t byte, DwarfReader& code) {
    const uint64_t column = code.Unsigned();
    switch (byte) {
      case kCfaOffsetExtended:
        return SetAtCfa(column, Scaled(code.Unsigned()));
      case kCfaOffsetExtendedSf:
        return SetAtCfa(column, Scaled(static_cast<uint64_t>(code.Signed())));
      case kCfaGnuNegativeOffsetExtended:
        return SetAtCfa(column, Scaled(-code.Unsigned()));
      case kCfaRestoreExtended:
        return Restore(column);
      case kCfaUndefined:
        return Set(column, {.kind = Kind::kUndefined});
      case kCfaSameValue:
        return Set(column, {.kind = Kind::kSame});
      case kCfaExpression:
        return Set(column, {.kind = Kind::kExpression,
                            .expression = code.Part(code.Unsigned())});
      case kCfaValExpression:
        code.Skip(code.Unsigned());
        return Set(column, {.kind = Kind::kUnreadable});
      case kCfaRegister:
      case kCfaValOffset:
        code.Unsigned();
        return Set(column, {.kind = Kind::kUnreadable});
      case kCfaValOffsetSf:
        code.Signed();
        return Set(column, {.kind = Kind::kUnreadable});
      default:
        return false;
    }
  }

  // Damaged tables may hold any number: the product wraps round.
  int64_t Scaled(uint64_t factor) const {
    return static_cast<int64_t>(factor *
                                static_cast<uint64_t>(table_.data_alignment));
  }

  bool Advance(uint64_t delta) {
    location_ += delta * table_.code_alignment;
    return true;
  }

  bool SetAtCfa(uint64_t column, int64_t offset) {
    return Set(column, {.kind = Kind::kAtCfa, .offset = offset});
  }

  // Columns of other registers are read and dropped.
  bool Set(uint64_t column, const RegisterRule& rule) {
    if (RegisterRule* target = RuleOf(rules_, column)) *target = rule;
    return true;
  }

  bool Restore(uint64_t column) {
    if (RegisterRule* target = RuleOf(rules_, column)) {
      *target = *RuleOf(initial_, column);
    }
    return true;
  }

  RegisterRule* RuleOf(RuleSet& rules, uint64_t column) const {
    if (column == table_.return_address_column) return &rules.return_address;
    if (column == kDwarfFramePointer) return &rules.frame_pointer;
    return nullptr;
  }

  bool Remember() {
    if (remembered_count_ == kMaxRemembered) return false;
    remembered_[remembered_count_++] = rules_;
    return true;
  }

  bool Recall() {
    if (remembered_count_ == 0) return false;
    rules_ = remembered_[--remembered_count_];
    return true;
  }

  const FunctionTable& table_;
  uintptr_t target_;
  uintptr_t location_;
  RuleSet rules_;
  RuleSet initial_;
  RuleSet remembered_[kMaxRemembered];
  size_t remembered_count_ = 0;
};

// Where a register lies, relative to the CFA or to a register of this frame.
struct Place {
  enum class Base : uint8_t { kCfa, kStackPointer, kFramePointer };
  Base base = Base::kCfa;
  int64_t offset = 0;
};

bool PlaceOf(const RegisterRule& rule, const FoldedValue& cfa,
             uintptr_t address, Place* place) {
  if (rule.kind == RegisterRule::Kind::kAtCfa) {
    *place = {Place::Base::kCfa, rule.offset};
    return true;
  }
  FoldedValue value;
  if (rule.kind != RegisterRule::Kind::kExpression ||
      !FoldExpression(rule.expression, address, &cfa, &value) ||
      value.is_word_at) {
    return false;
  }
  switch (value.base) {
    case FoldedValue::Base::kStackPointer:
      *place = {Place::Base::kStackPointer, value.offset};
      return true;
    case FoldedValue::Base::kFramePointer:
      *place = {Place::Base::kFramePointer, value.offset};
      return true;
    default:
      return false;
  }
}

// False when the offset is not in whole words.
bool ToWords(int64_t offset, int64_t* words) {
  constexpr int64_t kWord = sizeof(uintptr_t);
  *words = offset / kWord;
  return offset % kWord == 0;
}

bool FoldCfa(const CfaRule& rule, uintptr_t address, FoldedValue* cfa) {
  if (rule.is_expression) {
    return FoldExpression(rule.expression, address, nullptr, cfa) &&
           cfa->base != FoldedValue::Base::kNumber;
  }
  cfa->offset = rule.offset;
  cfa->is_word_at = false;
  if (rule.column == kDwarfStackPointer) {
    cfa->base = FoldedValue::Base::kStackPointer;
    return true;
  }
  cfa->base = FoldedValue::Base::kFramePointer;
  return rule.column == kDwarfFramePointer;
}

bool PutCfa(const FoldedValue& cfa, UnwindRule* result) {
  if (cfa.base == FoldedValue::Base::kStackPointer) {
    result->cfa =
        cfa.is_word_at ? CfaKind::kAtStackPointer : CfaKind::kStackPointer;
  } else {
    result->cfa =
        cfa.is_word_at ? CfaKind::kAtFramePointer : CfaKind::kFramePointer;
  }
  return ToWords(cfa.offset, &result->cfa_offset);
}

bool PutReturnAddress(const RegisterRule& rule, const FoldedValue& cfa,
                      uintptr_t address, UnwindRule* result) {
  Place place;
  if (!PlaceOf(rule, cfa, address, &place)) return false;
  if (place.base == Place::Base::kFramePointer) return false;
  result->return_address_at_stack = place.base == Place::Base::kStackPointer;
  return ToWords(place.offset, &result->return_address_offset);
}

// A frame pointer that cannot be found is no reason to stop: most callers do
// not need it.
void PutFramePointer(const RegisterRule& rule, const FoldedValue& cfa,
                     uintptr_t address, UnwindRule* result) {
  if (rule.kind == RegisterRule::Kind::kSame) return;
  Place place;
  result->frame_pointer = SavedKind::kLost;
  if (!PlaceOf(rule, cfa, address, &place) ||
      !ToWords(place.offset, &result->frame_pointer_offset)) {
    result->frame_pointer_offset = 0;
    return;
  }
  switch (place.base) {
    case Place::Base::kCfa:
      result->frame_pointer = SavedKind::kAtCfa;
      break;
    case Place::Base::kStackPointer:
      result->frame_pointer = SavedKind::kAtStackPointer;
      break;
    case Place::Base::kFramePointer:
      result->frame_pointer = SavedKind::kAtFramePointer;
      break;
  }
}

}  // namespace

UnwindRow RowAt(const FunctionTable& table, uintptr_t address) {
  Machine machine(table, address);
  if (!machine.Run()) return UnwindRow::Of(CfaKind::kNoTable);
  const RuleSet& rules = machine.rules();
  if (rules.return_address.kind == RegisterRule::Kind::kUndefined) {
    return UnwindRow::Of(CfaKind::kEnd);
  }
  UnwindRule rule;
  FoldedValue cfa;
  if (!FoldCfa(rules.cfa, address, &cfa) || !PutCfa(cfa, &rule) ||
      !PutReturnAddress(rules.return_address, cfa, address, &rule)) {
    return UnwindRow::Of(CfaKind::kNoTable);
  }
  PutFramePointer(rules.frame_pointer, cfa, address, &rule);
  rule.is_signal_frame = table.is_signal_frame;
  return UnwindRow::Of(rule);
}

}  // namespace dbgalloc::stack
