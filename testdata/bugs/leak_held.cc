// BUG: the last pointer to a list goes away. Its head is lost; the nodes behind
// it are held by lost blocks alone and stand under the head.
// EXPECT-KIND: leak
// EXPECT-STATUS: 23
// EXPECT-OUTPUT: the end
// EXPECT-SENTENCE: 1064 bytes in 4 blocks can no longer be reached, for example
//   1000 bytes at ADDR
// EXPECT-STACK: leaked 1000 bytes in 1 block, at ADDR, holding 64 bytes in 3
//   blocks more; allocated, by thread T0 "main"
//   MakeHead <- head
//   main <- make head
// EXPECT-STACK: held by these: 64 bytes in 3 blocks, one of them at ADDR;
//   allocated, by thread T0 "main"
//   AddNode <- node
//   main <- add nodes
// EXPECT-SCAN: in place; the process had no other thread
// EXPECT-TOTAL: 1064 bytes in 4 blocks from 2 stacks, 64 bytes in 3 blocks of
//   them held by others, found at exit
// EXPECT-SUMMARY: MakeHead <- head
#include <cstdio>
#include <cstdlib>

#include "testdata/bugs/bug.h"

struct Node {
  Node* next;
};

// Volatile, so that it is stored.
static Node* volatile list;

static void MakeHead() {
  list = static_cast<Node*>(Opaque(calloc(1, 1000)));  // <- head
}

static void AddNode(size_t size) {
  auto* node = static_cast<Node*>(Opaque(malloc(size)));  // <- node
  node->next = list->next;
  list->next = node;
}

static volatile size_t sizes[] = {16, 24, 24};

int main() {
  MakeHead();                               // <- make head
  for (size_t size : sizes) AddNode(size);  // <- add nodes
#ifdef FIXED
  while (list != nullptr) {
    Node* next = list->next;
    free(list);
    list = next;
  }
#endif
  list = nullptr;
  puts("the end");
  return 0;
}
