// A program with a calloc and a malloc of its own that finds the next ones by
// dlsym, as many tools do: the first call comes while dlsym may itself
// allocate.
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

namespace {

int calls = 0;

template <typename Function>
Function Next(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

}  // namespace

extern "C" void* calloc(size_t count, size_t size) {
  static auto next = Next<void* (*)(size_t, size_t)>("calloc");
  ++calls;
  return next(count, size);
}

extern "C" void* malloc(size_t size) {
  static auto next = Next<void* (*)(size_t)>("malloc");
  ++calls;
  return next(size);
}

int main() {
  for (size_t i = 1; i < 1000; ++i) {
    auto* zeros = static_cast<char*>(calloc(i, 3));
    for (size_t k = 0; k < 3 * i; ++k) {
      if (zeros[k] != 0) return 1;
    }
    zeros = static_cast<char*>(realloc(zeros, 5 * i));
    free(zeros);
    free(malloc(i));
  }
  if (dlsym(RTLD_DEFAULT, "no_such_symbol") != nullptr) return 2;
  if (dlerror() == nullptr) return 3;
  bool active = dlsym(RTLD_DEFAULT, "dbgalloc_is_active") != nullptr;
  return calls > 1900 && active ? 0 : 4;
}
