// protect_metadata: where a heap keeps what it knows, so that nobody else can
// write there.
#ifndef DBGALLOC_ALLOC_DEBUG_PROTECTED_METADATA_H_
#define DBGALLOC_ALLOC_DEBUG_PROTECTED_METADATA_H_

#include "dbgalloc/allocator.h"
#include "dbgalloc/options.h"

namespace dbgalloc::debug {

// An allocator of protected memory, turning the process's shield on if it is
// off; for HeapHost.metadata. Null: these options want none, or the machine
// has none to give. With verbosity=1 says once when it is less than was asked
// for.
Allocator* ProtectedMetadata(const Options& options);

}  // namespace dbgalloc::debug

#endif  // DBGALLOC_ALLOC_DEBUG_PROTECTED_METADATA_H_
