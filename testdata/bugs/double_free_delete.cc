// BUG: two unique_ptrs are made of one pointer, and both delete it.
// EXPECT-KIND: double-free
// EXPECT-SENTENCE: operator delete of ADDR, the start (offset 0) of a 32-byte
//   block that was freed 1 heap operation earlier
// EXPECT-STACK: second free, by thread T0 "main"
//   Drop <- delete
//   main <- second owner
// EXPECT-STACK: first free, by thread T0 "main"
//   Drop <- delete
//   main <- first owner
// EXPECT-STACK: allocated, by thread T0 "main"
//   main <- new
// EXPECT-BLOCK: 32 bytes, from operator new, freed
#include "testdata/bugs/bug.h"

struct Account {
  char data[32];
};

static void Drop(Account* account) {
  delete Opaque(account);  // <- delete
}

int main() {
  Account* account = Opaque(new Account);  // <- new
  Drop(account);                           // <- first owner
#ifndef FIXED
  Drop(account);  // <- second owner
#endif
  return 0;
}
