// Numbers of the DWARF 5 and Linux Standard Base (.eh_frame) specifications
// that the unwinder reads.
#ifndef DBGALLOC_ALLOC_STACK_DWARF_CONSTANTS_H_
#define DBGALLOC_ALLOC_STACK_DWARF_CONSTANTS_H_

#include <cstdint>

namespace dbgalloc::stack {

// Pointer encodings, DW_EH_PE_*.
inline constexpr uint8_t kPointerAbsolute = 0x00;
inline constexpr uint8_t kPointerUleb = 0x01;
inline constexpr uint8_t kPointerUnsigned2 = 0x02;
inline constexpr uint8_t kPointerUnsigned4 = 0x03;
inline constexpr uint8_t kPointerUnsigned8 = 0x04;
inline constexpr uint8_t kPointerSleb = 0x09;
inline constexpr uint8_t kPointerSigned2 = 0x0a;
inline constexpr uint8_t kPointerSigned4 = 0x0b;
inline constexpr uint8_t kPointerSigned8 = 0x0c;
inline constexpr uint8_t kPointerFormatMask = 0x0f;
inline constexpr uint8_t kPointerFromZero = 0x00;
inline constexpr uint8_t kPointerFromHere = 0x10;
inline constexpr uint8_t kPointerFromData = 0x30;
inline constexpr uint8_t kPointerBaseMask = 0x70;
inline constexpr uint8_t kPointerOmitted = 0xff;

// Call frame instructions, DW_CFA_*. The first three hold an operand in their
// low six bits.
enum CfaInstruction : uint8_t {
  kCfaAdvanceLoc = 0x40,
  kCfaOffset = 0x80,
  kCfaRestore = 0xc0,
  kCfaHighBits = 0xc0,
  kCfaLowBits = 0x3f,
  kCfaNop = 0x00,
  kCfaSetLoc = 0x01,
  kCfaAdvanceLoc1 = 0x02,
  kCfaAdvanceLoc2 = 0x03,
  kCfaAdvanceLoc4 = 0x04,
  kCfaOffsetExtended = 0x05,
  kCfaRestoreExtended = 0x06,
  kCfaUndefined = 0x07,
  kCfaSameValue = 0x08,
  kCfaRegister = 0x09,
  kCfaRememberState = 0x0a,
  kCfaRestoreState = 0x0b,
  kCfaDefCfa = 0x0c,
  kCfaDefCfaRegister = 0x0d,
  kCfaDefCfaOffset = 0x0e,
  kCfaDefCfaExpression = 0x0f,
  kCfaExpression = 0x10,
  kCfaOffsetExtendedSf = 0x11,
  kCfaDefCfaSf = 0x12,
  kCfaDefCfaOffsetSf = 0x13,
  kCfaValOffset = 0x14,
  kCfaValOffsetSf = 0x15,
  kCfaValExpression = 0x16,
  kCfaAarch64NegateRaState = 0x2d,
  kCfaGnuArgsSize = 0x2e,
  kCfaGnuNegativeOffsetExtended = 0x2f,
};

// Expression operations, DW_OP_*.
enum ExpressionOperation : uint8_t {
  kOpAddr = 0x03,
  kOpDeref = 0x06,
  kOpConst1u = 0x08,
  kOpConst1s = 0x09,
  kOpConst2u = 0x0a,
  kOpConst2s = 0x0b,
  kOpConst4u = 0x0c,
  kOpConst4s = 0x0d,
  kOpConst8u = 0x0e,
  kOpConst8s = 0x0f,
  kOpConstu = 0x10,
  kOpConsts = 0x11,
  kOpDup = 0x12,
  kOpDrop = 0x13,
  kOpSwap = 0x16,
  kOpAnd = 0x1a,
  kOpMinus = 0x1c,
  kOpMul = 0x1e,
  kOpOr = 0x21,
  kOpPlus = 0x22,
  kOpPlusUconst = 0x23,
  kOpShl = 0x24,
  kOpShr = 0x25,
  kOpEq = 0x29,
  kOpGe = 0x2a,
  kOpGt = 0x2b,
  kOpLe = 0x2c,
  kOpLt = 0x2d,
  kOpNe = 0x2e,
  kOpLit0 = 0x30,
  kOpLit31 = 0x4f,
  kOpBreg0 = 0x70,
  kOpBreg31 = 0x8f,
  kOpNop = 0x96,
};

}  // namespace dbgalloc::stack

#endif  // DBGALLOC_ALLOC_STACK_DWARF_CONSTANTS_H_
