// BUG: blocks of an allocator object are not given back before it ends. The
// report groups them by who allocated them, the most bytes first.
// EXPECT-KIND: leak
// EXPECT-STATUS: 23
// EXPECT-OUTPUT: leaked
// EXPECT-OUTPUT-FIXED: clean
// EXPECT-SENTENCE: 316 bytes in 4 blocks were never freed, for example 100
//   bytes at ADDR
// EXPECT-STACK: leaked 300 bytes in 3 blocks, one of them at ADDR; allocated,
//   by thread T0 "main"
//   Fill <- many
//   main <- fill
// EXPECT-STACK: leaked 16 bytes in 1 block, at ADDR; allocated, by thread T0
//   "main"
//   main <- one
// EXPECT-TOTAL: 316 bytes in 4 blocks from 2 stacks, found when the allocator
//   was destroyed
// EXPECT-SUMMARY: Fill <- many
#include <cstdio>

#include "dbgalloc/debug_allocator.h"

using dbgalloc::DebugAllocator;

// Not a constant: an unrolled loop would have a place for each block.
static volatile int many = 3;

static void Fill(DebugAllocator& allocator, void** blocks) {
  for (int i = 0; i < many; ++i) {
    blocks[i] = allocator.Allocate(100, 16);  // <- many
  }
}

int main() {
  DebugAllocator allocator;
  void* blocks[4];
  blocks[3] = allocator.Allocate(16, 16);  // <- one
  Fill(allocator, blocks);                 // <- fill
#ifdef FIXED
  for (int i = 0; i < 3; ++i) allocator.Deallocate(blocks[i], 100, 16);
  allocator.Deallocate(blocks[3], 16, 16);
#endif
  const bool leaked = allocator.Finish() == dbgalloc::Verdict::kLeak;
  puts(leaked ? "leaked" : "clean");
  return 0;
}
