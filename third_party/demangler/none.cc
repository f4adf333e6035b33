// Where no compiler that is found brings the demangler: names stay as the
// linker has them.
#include <stddef.h>

extern "C" int dbgalloc_demangle_callback(const char* mangled,
                                          void (*callback)(const char*, size_t,
                                                           void*),
                                          void* opaque);

int dbgalloc_demangle_callback(const char*,
                               void (*)(const char*, size_t, void*), void*) {
  constexpr int kNotAName = -2;
  return kNotAName;
}
