// Makes errors of several kinds, to be run with halt_on_error=0: a double free,
// the same one again, and an overflow by one byte.
#include <stdlib.h>

namespace {

// Keeps the compiler from seeing what becomes of a block.
void* volatile opaque = nullptr;

[[gnu::noinline]] void FreeTwice() {
  opaque = malloc(24);
  free(opaque);
  free(opaque);
}

[[gnu::noinline]] void Overflow() {
  opaque = malloc(24);
  static_cast<volatile char*>(opaque)[24] = 'X';
  free(opaque);
}

}  // namespace

int main() {
  for (int i = 0; i < 2; ++i) FreeTwice();
  Overflow();
}
