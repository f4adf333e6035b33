// BUG: everything that may not be below the malloc line, one of each.
#include <cstdlib>
#include <new>

struct Slow {
  Slow() { value = std::rand(); }
  int value;
};

Slow static_constructor;
thread_local int dynamic_thread_local;

void* CallsMalloc(size_t size) { return std::malloc(size); }
void* CallsNew() { return ::operator new(8); }
void Throws() { throw 1; }
int GuardsLocalStatic() {
  static Slow slow;
  return slow.value;
}
int* UsesDynamicThreadLocal() { return &dynamic_thread_local; }
