// BUG: memory that mmap gave is freed.
// EXPECT-KIND: invalid-free
// EXPECT-SENTENCE: free of ADDR, which this heap never handed out...
// EXPECT-STACK: invalid free, by thread T0 "main"
//   main <- free
#include <sys/mman.h>

#include <cstdint>
#include <cstdlib>

#include "testdata/bugs/bug.h"

int main() {
  // Far from all else, so that no block of the heap is near.
  void* wish = reinterpret_cast<void*>(uintptr_t{1} << 40);
  void* pages = Opaque(mmap(wish, 8192, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
#ifndef FIXED
  free(Opaque(pages));  // <- free
#endif
  munmap(pages, 8192);
  return 0;
}
