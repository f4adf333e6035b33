// How the pool holds a lock: with malloc forbidden meanwhile.
#ifndef DBGALLOC_ALLOC_POOL_POOL_LOCK_H_
#define DBGALLOC_ALLOC_POOL_POOL_LOCK_H_

#include "alloc/base/scoped_no_malloc.h"
#include "alloc/base/spin_lock.h"

namespace dbgalloc::pool {

class PoolLockHolder {
 public:
  explicit PoolLockHolder(base::SpinLock& lock) : holder_(lock) {}

 private:
  base::ScopedNoMalloc no_malloc_;
  base::SpinLockHolder holder_;
};

}  // namespace dbgalloc::pool

#endif  // DBGALLOC_ALLOC_POOL_POOL_LOCK_H_
