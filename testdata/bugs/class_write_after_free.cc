// BUG: a freed block of an allocator object is written to; seen when the
// allocator is destroyed.
// EXPECT-KIND: write-after-free
// EXPECT-SENTENCE: 1 byte overwritten from ADDR on, offset 5 in a 24-byte
//   block at ADDR that was freed...
// EXPECT-STACK: found when the allocator was destroyed, by thread T0 "main"
//   UseOne <- destruction
//   main <- use
// EXPECT-STACK: freed, by thread T0 "main"
//   UseOne <- free
//   main <- use
// EXPECT-STACK: allocated, by thread T0 "main"
//   UseOne <- allocation
//   main <- use
// EXPECT-SUMMARY: UseOne <- free
// EXPECT-BLOCK: 24 bytes, alignment 8, from Allocate, freed
// EXPECT-DAMAGE: 1 byte from ADDR on, offset 5 in the block
#include "dbgalloc/debug_allocator.h"
#include "testdata/bugs/bug.h"

static void UseOne() {
  dbgalloc::DebugAllocator allocator;
  void* block = allocator.Allocate(24, 8);  // <- allocation
  allocator.Deallocate(block, 24, 8);       // <- free
#ifndef FIXED
  Poke(block, 5);
#endif
  allocator.Finish();  // <- destruction
}

int main() {
  UseOne();  // <- use
  return 0;
}
