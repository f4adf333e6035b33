// BUG: a server loses a block, and is asked for its leaks while it runs.
// EXPECT-KIND: leak
// EXPECT-STATUS: 23
// EXPECT-OUTPUT: 1 lost, then 0
// EXPECT-OUTPUT-FIXED: 0 lost, then 0
// EXPECT-SENTENCE: 40 bytes in 1 block can no longer be reached, for example 40
//   bytes at ADDR
// EXPECT-STACK: leaked 40 bytes in 1 block, at ADDR; allocated, by thread T0
//   "main"
//   Serve <- request
//   main <- serve
// EXPECT-SCAN: in place; the process had no other thread
// EXPECT-TOTAL: 40 bytes in 1 block from 1 stack, checked
// EXPECT-SUMMARY: Serve <- request
#include <cstdio>
#include <cstdlib>

#include "dbgalloc/c_api.h"
#include "testdata/bugs/bug.h"

static void* volatile request;

static void Serve() {
  request = Opaque(malloc(40));  // <- request
#ifdef FIXED
  free(request);
#endif
  request = nullptr;
}

int main() {
  Serve();  // <- serve
  const int first = static_cast<int>(dbgalloc_check_leaks_now());
  const int second = static_cast<int>(dbgalloc_check_leaks_now());
  printf("%d lost, then %d\n", first, second);
  return 0;
}
