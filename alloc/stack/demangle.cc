#include "alloc/stack/demangle.h"

#include <string.h>

#include <cstdint>

#include "alloc/base/check.h"
#include "alloc/os/thread.h"

extern "C" {

int dbgalloc_demangle_callback(const char* mangled,
                               void (*callback)(const char*, size_t, void*),
                               void* opaque);

// Only the demangler's other interface, which returns allocated text, calls
// these; it is linked because it is in the same object file.
void* dbgalloc_demangle_malloc(size_t) { DBG_CHECK(!"demangler allocates"); }
void* dbgalloc_demangle_realloc(void*, size_t) {
  DBG_CHECK(!"demangler allocates");
}
void dbgalloc_demangle_free(void*) { DBG_CHECK(!"demangler allocates"); }

}  // extern "C"

namespace dbgalloc::stack {
namespace {

struct Output {
  char* text;
  size_t capacity;
  size_t size = 0;
};

void Append(const char* piece, size_t size, void* opaque) {
  Output& output = *static_cast<Output*>(opaque);
  const size_t room = output.capacity - 1 - output.size;
  if (size > room) size = room;
  memcpy(output.text + output.size, piece, size);
  output.size += size;
}

// Two notes of 32 bytes for each character, and as much again for printing.
constexpr size_t kStackPerCharacter = 128;
constexpr size_t kStackBeside = size_t{16} << 10;
// On a stack of unknown size, such as a signal handler's.
constexpr size_t kUnknownStack = size_t{32} << 10;

size_t StackLeft() {
  const auto here = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
  const os::StackBounds bounds = os::CurrentStackBounds();
  const bool known = here >= bounds.low && here < bounds.high;
  return known ? here - bounds.low : kUnknownStack;
}

}  // namespace

size_t Demangle(const char* symbol, char* text, size_t capacity) {
  if (symbol[0] != '_' || symbol[1] != 'Z' || capacity == 0) return 0;
  const size_t needed = strlen(symbol) * kStackPerCharacter + kStackBeside;
  if (needed > StackLeft()) return 0;
  Output output{text, capacity};
  const int failure = dbgalloc_demangle_callback(symbol, Append, &output);
  if (failure != 0) return 0;
  text[output.size] = '\0';
  return output.size;
}

}  // namespace dbgalloc::stack
