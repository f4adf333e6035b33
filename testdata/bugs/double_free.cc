// BUG: two owners of one block, and both free it.
// EXPECT-KIND: double-free
// EXPECT-SENTENCE: free of ADDR, the start (offset 0) of a 24-byte block that
//   was freed 1 heap operation earlier
// EXPECT-STACK: second free, by thread T0 "main"
//   Release <- free
//   main <- second release
// EXPECT-STACK: first free, by thread T0 "main"
//   Release <- free
//   main <- first release
// EXPECT-STACK: allocated, by thread T0 "main"
//   MakeNode <- allocation
//   main <- the node
// EXPECT-BLOCK: 24 bytes, from malloc, freed
#include <cstdlib>

#include "testdata/bugs/bug.h"

struct Node {
  char name[24];
};

static Node* MakeNode() {
  return Opaque(static_cast<Node*>(malloc(sizeof(Node))));  // <- allocation
}

static void Release(Node* node) {
  free(Opaque(node));  // <- free
}

int main() {
  Node* node = MakeNode();  // <- the node
  Release(node);            // <- first release
#ifndef FIXED
  Release(node);  // <- second release
#endif
  return 0;
}
