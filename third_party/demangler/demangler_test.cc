// The private demangler hands out names piece by piece and never allocates.

#include <cstddef>
#include <cstdlib>
#include <string>

#include "gtest/gtest.h"

extern "C" {
int dbgalloc_demangle_callback(const char* mangled,
                               void (*callback)(const char*, size_t, void*),
                               void* opaque);
void* dbgalloc_demangle_malloc(size_t) { abort(); }
void* dbgalloc_demangle_realloc(void*, size_t) { abort(); }
void dbgalloc_demangle_free(void*) { abort(); }
}

namespace {

void Append(const char* text, size_t size, void* opaque) {
  static_cast<std::string*>(opaque)->append(text, size);
}

TEST(Demangler, WritesTheWholeNameToTheCallback) {
  std::string text;
  EXPECT_EQ(dbgalloc_demangle_callback("_ZN8dbgalloc4FreeEPvm", Append, &text),
            0);
  EXPECT_EQ(text, "dbgalloc::Free(void*, unsigned long)");
}

TEST(Demangler, RefusesWhatIsNotAMangledName) {
  std::string text;
  EXPECT_NE(dbgalloc_demangle_callback("_ZN8dbg", Append, &text), 0);
}

}  // namespace
