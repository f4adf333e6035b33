// A program without GoogleTest whose malloc is //:malloc_gtest.
#include <cstdio>
#include <memory>

#include "dbgalloc/c_api.h"

int main() {
  auto number = std::make_unique<int>(7);
  std::printf("active: %d\n", dbgalloc_is_active());
  return *number == 7 ? 0 : 1;
}
