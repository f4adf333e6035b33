// A library with a mistake that its user cannot mend.
#include "testdata/suppressions/library.h"

#include <stdlib.h>

namespace {

void* volatile opaque = nullptr;

}  // namespace

void FreeTwiceInLibrary() {
  opaque = malloc(24);
  free(opaque);
  free(opaque);
}
