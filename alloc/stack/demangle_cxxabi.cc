// By the C++ runtime's own demangler, which allocates: for systems where malloc
// is not ours.
#include <cxxabi.h>
#include <stdlib.h>
#include <string.h>

#include "alloc/stack/demangle.h"

namespace dbgalloc::stack {

size_t Demangle(const char* symbol, char* text, size_t capacity) {
  if (symbol[0] != '_' || symbol[1] != 'Z' || capacity == 0) return 0;
  int failure = 0;
  char* demangled = abi::__cxa_demangle(symbol, nullptr, nullptr, &failure);
  if (demangled == nullptr) return 0;
  size_t size = strlen(demangled);
  if (size >= capacity) size = capacity - 1;
  memcpy(text, demangled, size);
  text[size] = '\0';
  free(demangled);
  return size;
}

}  // namespace dbgalloc::stack
