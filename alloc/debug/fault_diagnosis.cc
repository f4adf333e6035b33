#include "alloc/debug/fault_diagnosis.h"

namespace dbgalloc::debug {
namespace {

bool IsIn(const BlockDescription& block, uintptr_t address) {
  return address - block.begin < block.size;
}

}  // namespace

uintptr_t DistanceTo(const BlockDescription& block, uintptr_t address) {
  if (address < block.begin) return block.begin - address;
  uintptr_t end = block.begin + block.size;
  return address < end ? 0 : address - end;
}

FaultDiagnosis DiagnoseFault(uintptr_t address, const BlockDescription& below,
                             const BlockDescription& above) {
  const BlockDescription* nearest = below.known ? &below : nullptr;
  if (above.known && (nearest == nullptr || DistanceTo(above, address) <
                                                DistanceTo(below, address))) {
    nearest = &above;
  }
  if (nearest == nullptr) return {};
  if (!nearest->live) return {ErrorKind::kUseAfterFree, nearest};
  if (IsIn(*nearest, address)) return {};
  return {address < nearest->begin ? ErrorKind::kHeapBufferUnderflow
                                   : ErrorKind::kHeapBufferOverflow,
          nearest};
}

}  // namespace dbgalloc::debug
