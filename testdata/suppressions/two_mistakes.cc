// A double free in a library, three times, and an overflow of its own; then a
// status of its own. With OWN_RULES the program carries a suppression.
#include <stdlib.h>

#include "testdata/suppressions/library.h"

#ifdef OWN_RULES
extern "C" const char* __dbgalloc_default_suppressions() {
  return "double-free:FreeTwiceInLibrary\n";
}
extern "C" const char* __lsan_default_suppressions() {
  return "# as for LeakSanitizer\nleak:NeverLeaks\n";
}
#endif

namespace {

void* volatile opaque = nullptr;

[[gnu::noinline]] void Overflow() {
  opaque = malloc(24);
  static_cast<volatile char*>(opaque)[24] = 'X';
  free(opaque);
}

}  // namespace

int main(int argc, char**) {
  for (int i = 0; i < 3; ++i) FreeTwiceInLibrary();
  if (argc > 1) Overflow();
  return 5;
}
