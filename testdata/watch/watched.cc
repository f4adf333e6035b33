// Allocates the same from two places in turn, and frees one block twice.
//
//   watched         prints the fresh bytes of each block
//   watched trap    the same, with a handler for SIGTRAP that goes on
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "testdata/bugs/bug.h"

[[gnu::noinline]] static unsigned char* AllocateLeft() {
  return Opaque(static_cast<unsigned char*>(malloc(24)));  // <- left
}

[[gnu::noinline]] static unsigned char* AllocateRight() {
  return Opaque(static_cast<unsigned char*>(malloc(25)));  // <- right
}

static void OnTrap(int) {
  constexpr char kText[] = "trapped\n";
  if (write(STDOUT_FILENO, kText, sizeof(kText) - 1) < 0) abort();
}

// One place for all calls of a side, whatever becomes of the loop.
[[gnu::noinline]] static unsigned char* Step(bool left) {
  unsigned char* block = left ? AllocateLeft() : AllocateRight();
  const unsigned value = *Opaque(block);
  char text[32];
  const int size =
      snprintf(text, sizeof(text), "%s %02x\n", left ? "left" : "right", value);
  if (write(STDOUT_FILENO, text, size) < 0) abort();
  free(block);
  return block;
}

int main(int argc, char**) {
  if (argc > 1) signal(SIGTRAP, OnTrap);
  unsigned char* last = nullptr;
  // One loop, which is not unrolled: each side is called from one place.
  for (volatile int i = 0; i < 6; i = i + 1) last = Step(i % 2 == 0);
  free(Opaque(last));
  return 0;
}
