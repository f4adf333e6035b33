// BUG: a forked child frees what its parent freed before the fork. The report
// is the child's, and so is the exit status.
// EXPECT-KIND: double-free
// EXPECT-OUTPUT: child 1
// EXPECT-OUTPUT-FIXED: child 0
// EXPECT-STATUS: 0
// EXPECT-PROCESS: another
// EXPECT-SENTENCE: free of ADDR, the start (offset 0) of a 64-byte block that
//   was freed N heap operations earlier
// EXPECT-STACK: second free, by thread T0 "main"
//   main <- in the child
// EXPECT-STACK: first free, by thread T0 "main"
//   main <- before the fork
// EXPECT-STACK: allocated, by thread T0 "main"
//   main <- allocation
// EXPECT-BLOCK: 64 bytes, from malloc, freed
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "testdata/bugs/bug.h"

int main() {
  void* block = Opaque(malloc(64));  // <- allocation
  free(Opaque(block));               // <- before the fork
  const pid_t child = fork();
  if (child == 0) {
#ifndef FIXED
    free(Opaque(block));  // <- in the child
#endif
    _exit(0);
  }
  int status = -1;
  waitpid(child, &status, 0);
  printf("child %d\n", WEXITSTATUS(status));
  return 0;
}
