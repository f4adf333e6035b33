// BUG: a part of the program that answers for its memory loses some of it.
// EXPECT-KIND: leak
// EXPECT-STATUS: 23
// EXPECT-OUTPUT: 48 bytes lost
// EXPECT-OUTPUT-FIXED: clean
// EXPECT-SENTENCE: 48 bytes in 2 blocks can no longer be reached, for example
//   24 bytes at ADDR
// EXPECT-STACK: leaked 48 bytes in 2 blocks, one of them at ADDR; allocated, by
//   thread T0 "main"
//   Parse <- allocation
//   main <- parse
// EXPECT-SCAN: in place; the process had no other thread
// EXPECT-TOTAL: 48 bytes in 2 blocks from 1 stack, allocated in the region
//   "parser", checked
// EXPECT-SUMMARY: Parse <- allocation
#include <cstdio>
#include <cstdlib>

#include "dbgalloc/scoped_leak_check.h"
#include "testdata/bugs/bug.h"

static void* volatile latest;
static volatile int tokens = 2;

static void Parse() {
  for (int i = 0; i < tokens; ++i) {
    latest = Opaque(malloc(24));  // <- allocation
#ifdef FIXED
    free(latest);
#endif
  }
  latest = nullptr;
}

int main() {
  dbgalloc::ScopedLeakCheck check("parser");
  Parse();  // <- parse
  if (check.NoLeaks()) {
    puts("clean");
  } else {
    printf("%d bytes lost\n", static_cast<int>(check.BytesLeaked()));
  }
  return 0;
}
