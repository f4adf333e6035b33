// Which block an access that faulted was meant for, and what was wrong with it.
#ifndef DBGALLOC_ALLOC_DEBUG_FAULT_DIAGNOSIS_H_
#define DBGALLOC_ALLOC_DEBUG_FAULT_DIAGNOSIS_H_

#include <cstdint>

#include "dbgalloc/error_record.h"

namespace dbgalloc::debug {

struct FaultDiagnosis {
  ErrorKind kind = ErrorKind::kNone;  // kNone: no mistake that we know of
  const BlockDescription* block = nullptr;
};

// `below` is the last block that begins at or below the address, `above` the
// next one; either may be unknown. An address in a block is that block's; one
// between two is the nearer one's, and the lower one's if both are equally
// near, since most mistakes run forward. A live block's own bytes do not fault
// because of us: kNone. Pure.
FaultDiagnosis DiagnoseFault(uintptr_t address, const BlockDescription& below,
                             const BlockDescription& above);

// How far the address lies from the block; 0: in it.
uintptr_t DistanceTo(const BlockDescription& block, uintptr_t address);

}  // namespace dbgalloc::debug

#endif  // DBGALLOC_ALLOC_DEBUG_FAULT_DIAGNOSIS_H_
