// BUG: a destructor of a static object, which runs after main, frees what main
// has freed.
// EXPECT-KIND: double-free
// EXPECT-OUTPUT: the end
// EXPECT-SENTENCE: free of ADDR, the start (offset 0) of a 300-byte block that
//   was freed N heap operations earlier
// EXPECT-STACK: second free, by thread T0 "main"
//   Registry::~Registry <- in the destructor
// EXPECT-STACK: first free, by thread T0 "main"
//   main <- in main
// EXPECT-STACK: allocated, by thread T0 "main"
//   main <- allocation
// EXPECT-BLOCK: 300 bytes, from malloc, freed
#include <cstdio>
#include <cstdlib>

#include "testdata/bugs/bug.h"

struct Registry {
  ~Registry() {
    free(Opaque(table));  // <- in the destructor
  }
  void* table = nullptr;
};

static Registry registry;

int main() {
  registry.table = Opaque(malloc(300));  // <- allocation
#ifndef FIXED
  free(Opaque(registry.table));  // <- in main
#endif
  puts("the end");
  fflush(stdout);
  return 0;
}
