// Loaded, asked for a block, and closed again.
#include <cstdlib>

static void* volatile last;

[[gnu::noinline]] static void* Inner() {
  last = malloc(48);  // <- allocation
  return last;
}

extern "C" void* PluginBlock() {
  void* block = Inner();  // <- inner
  asm volatile("" : "+r"(block));
  return block;
}
