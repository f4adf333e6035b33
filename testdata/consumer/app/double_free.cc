// BUG: frees a block twice.

#include <cstdlib>

[[gnu::noinline]] void Release(void* block) { std::free(block); }

int main() {
  void* block = std::malloc(24);
  Release(block);
  Release(block);
  return 0;
}
