// Linked into a test, this has all its pools do without the 128-bit
// compare-and-swap, as on a processor that lacks it.
#include "alloc/pool/batch_stack.h"

namespace dbgalloc::pool {
namespace {

[[maybe_unused]] const bool forced = (ForceLockedStacksForTesting(), true);

}  // namespace
}  // namespace dbgalloc::pool
