#include "alloc/pool/batch_stack.h"

namespace dbgalloc::pool {

StackForm BestStackForm() {
#if defined(DBGALLOC_POOL_LOCKED_LISTS)
  return StackForm::kLock;
#else
  return base::CanCompareTagged() ? StackForm::kInstruction : StackForm::kLock;
#endif
}

}  // namespace dbgalloc::pool
