// Two users that are alike but for a tracker that is left out of the build;
// memory_tracker_left_out_test.sh compares what the compiler made of them.
#include "dbgalloc/memory_tracker.h"

#if DBGALLOC_MEMORY_TRACKING
#error "built with -DDBGALLOC_MEMORY_TRACKING=0"
#endif

struct Bare {
  dbgalloc::Allocator& memory;
};

struct Tracked {
  dbgalloc::MemoryTracker memory;
};

extern "C" {

void* BareAllocate(Bare& user) { return user.memory.Allocate(64, 16); }
void* TrackedAllocate(Tracked& user) { return user.memory.Allocate(64, 16); }

void BareDeallocate(Bare& user, void* block) {
  user.memory.Deallocate(block, 64, 16);
}
void TrackedDeallocate(Tracked& user, void* block) {
  user.memory.Deallocate(block, 64, 16);
}

void* BareRemap(Bare& user, void* block) {
  return user.memory.Remap(block, 64, 16, 128);
}
void* TrackedRemap(Tracked& user, void* block) {
  return user.memory.Remap(block, 64, 16, 128);
}

}  // extern "C"
