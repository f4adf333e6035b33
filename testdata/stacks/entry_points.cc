// Gets memory by each function there is, each called in a function of its own,
// which prints its name first.
#include <malloc.h>
#include <string.h>
#include <unistd.h>

#include <cstdlib>
#include <new>

template <typename T>
static T* Opaque(T* pointer) {
  asm volatile("" : "+r"(pointer) : : "memory");
  return pointer;
}

struct alignas(64) Wide {
  char bytes[64];
};

// The name is printed by plain writes: nothing else here gets memory.
#define CALLER(name, call)                                           \
  extern "C" [[gnu::noinline]] void Calls_##name() {                 \
    constexpr char kName[] = "Calls_" #name "\n";                    \
    if (write(STDOUT_FILENO, kName, sizeof(kName) - 1) < 0) abort(); \
    void* block = Opaque(static_cast<void*>(call));                  \
    (void)block;                                                     \
  }

static void* kept = nullptr;

static void* Keep(void* block) { return kept = Opaque(block); }

CALLER(malloc, Keep(malloc(10)))
CALLER(calloc, calloc(3, 5))
CALLER(realloc, realloc(kept, 100000))
CALLER(reallocarray, reallocarray(nullptr, 5, 7))
CALLER(memalign, memalign(64, 100))
CALLER(aligned_alloc, aligned_alloc(64, 128))
CALLER(valloc, valloc(100))
CALLER(pvalloc, pvalloc(100))
CALLER(new, ::operator new(20))
CALLER(new_array, ::operator new[](20))
CALLER(new_nothrow, ::operator new(20, std::nothrow))
CALLER(new_array_nothrow, ::operator new[](20, std::nothrow))
CALLER(new_aligned, ::operator new(20, std::align_val_t(64)))
CALLER(new_array_aligned, ::operator new[](20, std::align_val_t(64)))
CALLER(new_aligned_nothrow,
       ::operator new(20, std::align_val_t(64), std::nothrow))
CALLER(new_expression, new Wide)

extern "C" [[gnu::noinline]] void Calls_posix_memalign() {
  constexpr char kName[] = "Calls_posix_memalign\n";
  if (write(STDOUT_FILENO, kName, sizeof(kName) - 1) < 0) abort();
  void* block = nullptr;
  if (posix_memalign(&block, 64, 100) != 0) abort();
  Opaque(block);
}

[[gnu::noinline]] static void CallAll() {
  Calls_malloc();
  Calls_calloc();
  Calls_realloc();
  Calls_reallocarray();
  Calls_memalign();
  Calls_aligned_alloc();
  Calls_posix_memalign();
  Calls_valloc();
  Calls_pvalloc();
  Calls_new();
  Calls_new_array();
  Calls_new_nothrow();
  Calls_new_array_nothrow();
  Calls_new_aligned();
  Calls_new_array_aligned();
  Calls_new_aligned_nothrow();
  Calls_new_expression();
}

int main() {
  CallAll();
  return 0;
}
