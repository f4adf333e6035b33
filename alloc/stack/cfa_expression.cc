#include "alloc/stack/cfa_expression.h"

#include <cstddef>

#include "alloc/stack/dwarf_constants.h"
#include "alloc/stack/machine_registers.h"

namespace dbgalloc::stack {
namespace {

// Evaluates with values that are known up to a register.
class Folder {
 public:
  explicit Folder(uintptr_t program_counter)
      : program_counter_(program_counter) {}

  bool Push(const FoldedValue& value) {
    if (size_ == kMaxDepth) return false;
    stack_[size_++] = value;
    return true;
  }

  bool Pop(FoldedValue* value) {
    if (size_ == 0) return false;
    *value = stack_[--size_];
    return true;
  }

  // False: the operation is not one of those that fold.
  bool Apply(uint8_t operation, DwarfReader& operands) {
    if (operation >= kOpLit0 && operation <= kOpLit31) {
      return PushNumber(operation - kOpLit0);
    }
    if (operation >= kOpBreg0 && operation <= kOpBreg31) {
      return PushRegister(operation - kOpBreg0, operands.Signed());
    }
    if (IsConstant(operation)) return PushConstant(operation, operands);
    switch (operation) {
      case kOpNop:
        return true;
      case kOpDeref:
        return Dereference();
      case kOpPlusUconst:
        return AddTo(static_cast<int64_t>(operands.Unsigned()));
      case kOpDup:
        return size_ > 0 && Push(stack_[size_ - 1]);
      case kOpDrop:
        return size_-- > 0;
      default:
        return Combine(operation);
    }
  }

 private:
  static constexpr size_t kMaxDepth = 16;
  using Base = FoldedValue::Base;

  bool PushNumber(int64_t number) {
    return Push({Base::kNumber, false, number});
  }

  bool PushRegister(uint64_t column, int64_t offset) {
    if (column == kDwarfStackPointer) {
      return Push({Base::kStackPointer, false, offset});
    }
    if (column == kDwarfFramePointer) {
      return Push({Base::kFramePointer, false, offset});
    }
    if (column == kDwarfReturnAddress) {
      return PushNumber(static_cast<int64_t>(program_counter_ +
                                             static_cast<uint64_t>(offset)));
    }
    return false;
  }

  static bool IsConstant(uint8_t operation) {
    return operation >= kOpConst1u && operation <= kOpConsts;
  }

  bool PushConstant(uint8_t operation, DwarfReader& operands) {
    switch (operation) {
      case kOpConst1u:
        return PushNumber(operands.Fixed<uint8_t>());
      case kOpConst1s:
        return PushNumber(operands.Fixed<int8_t>());
      case kOpConst2u:
        return PushNumber(operands.Fixed<uint16_t>());
      case kOpConst2s:
        return PushNumber(operands.Fixed<int16_t>());
      case kOpConst4u:
        return PushNumber(operands.Fixed<uint32_t>());
      case kOpConst4s:
        return PushNumber(operands.Fixed<int32_t>());
      case kOpConst8u:
      case kOpConst8s:
        return PushNumber(operands.Fixed<int64_t>());
      case kOpConstu:
        return PushNumber(static_cast<int64_t>(operands.Unsigned()));
      default:
        return PushNumber(operands.Signed());
    }
  }

  bool Dereference() {
    if (size_ == 0) return false;
    FoldedValue& top = stack_[size_ - 1];
    if (top.is_word_at || top.base == Base::kNumber) return false;
    top.is_word_at = true;
    return true;
  }

  bool AddTo(int64_t number) {
    if (size_ == 0) return false;
    FoldedValue& top = stack_[size_ - 1];
    if (top.is_word_at && number != 0) return false;
    // Damaged tables may hold any number: the sum wraps round.
    top.offset = static_cast<int64_t>(static_cast<uint64_t>(top.offset) +
                                      static_cast<uint64_t>(number));
    return true;
  }

  bool Combine(uint8_t operation) {
    FoldedValue right;
    FoldedValue left;
    if (!Pop(&right) || !Pop(&left)) return false;
    if (operation == kOpSwap) return Push(right) && Push(left);
    if (operation == kOpPlus && left.base == Base::kNumber &&
        !left.is_word_at) {
      return Push(right) && AddTo(left.offset);
    }
    if (right.base != Base::kNumber || right.is_word_at) return false;
    if (operation == kOpPlus) return Push(left) && AddTo(right.offset);
    if (operation == kOpMinus) {
      const uint64_t negative = -static_cast<uint64_t>(right.offset);
      return Push(left) && AddTo(static_cast<int64_t>(negative));
    }
    if (left.base != Base::kNumber || left.is_word_at) return false;
    return CombineNumbers(operation, left.offset, right.offset);
  }

  bool CombineNumbers(uint8_t operation, int64_t left, int64_t right) {
    switch (operation) {
      case kOpAnd:
        return PushNumber(left & right);
      case kOpOr:
        return PushNumber(left | right);
      case kOpMul:
        return PushNumber(static_cast<int64_t>(static_cast<uint64_t>(left) *
                                               static_cast<uint64_t>(right)));
      case kOpShl:
        return PushNumber(
            right < 0 || right > 63
                ? 0
                : static_cast<int64_t>(static_cast<uint64_t>(left) << right));
      case kOpShr:
        return PushNumber(
            right < 0 || right > 63
                ? 0
                : static_cast<int64_t>(static_cast<uint64_t>(left) >> right));
      case kOpEq:
        return PushNumber(left == right);
      case kOpNe:
        return PushNumber(left != right);
      case kOpGe:
        return PushNumber(left >= right);
      case kOpGt:
        return PushNumber(left > right);
      case kOpLe:
        return PushNumber(left <= right);
      case kOpLt:
        return PushNumber(left < right);
      default:
        return false;
    }
  }

  uintptr_t program_counter_;
  FoldedValue stack_[kMaxDepth];
  size_t size_ = 0;
};

}  // namespace

bool FoldExpression(DwarfReader expression, uintptr_t program_counter,
                    const FoldedValue* cfa, FoldedValue* result) {
  Folder folder(program_counter);
  if (cfa != nullptr && !folder.Push(*cfa)) return false;
  while (!expression.AtEnd()) {
    const uint8_t operation = expression.Fixed<uint8_t>();
    if (!folder.Apply(operation, expression)) return false;
  }
  return expression.ok() && folder.Pop(result);
}

}  // namespace dbgalloc::stack
