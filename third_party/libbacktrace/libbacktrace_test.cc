// The private copy reads this program's own debug information, on memory that
// this file hands out.

#include "third_party/libbacktrace/libbacktrace.h"

#include <unistd.h>

#include <cstdint>
#include <cstring>
#include <string>

#include "gtest/gtest.h"
#include "third_party/libbacktrace/memory.h"

namespace {

alignas(16) char arena[256 << 20];
size_t arena_used = 0;

void* Take(size_t size) {
  void* memory = arena + arena_used;
  arena_used += (size + 15) & ~size_t{15};
  return arena_used <= sizeof(arena) ? memory : nullptr;
}

}  // namespace

void* dbgalloc_backtrace_alloc(backtrace_state*, size_t size,
                               backtrace_error_callback, void*) {
  return Take(size);
}

void dbgalloc_backtrace_free(backtrace_state*, void*, size_t,
                             backtrace_error_callback, void*) {}

void* dbgalloc_backtrace_vector_grow(backtrace_state*, size_t size,
                                     backtrace_error_callback, void*,
                                     backtrace_vector* vector) {
  if (size > vector->alc) {
    size_t room = 2 * (vector->size + size);
    void* base = Take(room);
    if (base == nullptr) return nullptr;
    if (vector->size != 0) memcpy(base, vector->base, vector->size);
    vector->base = base;
    vector->alc = room - vector->size;
  }
  void* result = static_cast<char*>(vector->base) + vector->size;
  vector->size += size;
  vector->alc -= size;
  return result;
}

void* dbgalloc_backtrace_vector_finish(backtrace_state*,
                                       backtrace_vector* vector,
                                       backtrace_error_callback, void*) {
  void* base = vector->base;
  *vector = backtrace_vector{};
  return base;
}

int dbgalloc_backtrace_vector_release(backtrace_state*, backtrace_vector*,
                                      backtrace_error_callback, void*) {
  return 1;
}

int dbgalloc_backtrace_get_view(backtrace_state*, int descriptor, off_t offset,
                                uint64_t size, backtrace_error_callback, void*,
                                backtrace_view* view) {
  *view = {Take(size), nullptr, size};
  if (view->data == nullptr) return 0;
  void* to = const_cast<void*>(view->data);
  return pread(descriptor, to, size, offset) == static_cast<ssize_t>(size);
}

void dbgalloc_backtrace_release_view(backtrace_state*, backtrace_view*,
                                     backtrace_error_callback, void*) {}

namespace {

struct Place {
  std::string file;
  int line = 0;
  std::string function;
  std::string error;
};

void OnError(void* place, const char* message, int) {
  static_cast<Place*>(place)->error = message;
}

int OnFrame(void* data, uintptr_t, const char* file, int line, int,
            const char*) {
  Place* place = static_cast<Place*>(data);
  place->file = file == nullptr ? "" : file;
  place->line = line;
  return 0;
}

void OnSymbol(void* data, uintptr_t, const char* symbol, uintptr_t, uintptr_t) {
  static_cast<Place*>(data)->function = symbol == nullptr ? "" : symbol;
}

void Landmark() { asm volatile(""); }

TEST(Libbacktrace, FindsFileLineAndSymbolOfOwnCode) {
  Place place;
  backtrace_state* state =
      dbgalloc_backtrace_create_state(nullptr, 1, OnError, &place);
  ASSERT_NE(state, nullptr) << place.error;
  dbgalloc_backtrace_pcinfo(state, reinterpret_cast<uintptr_t>(&Landmark),
                            OnFrame, OnError, &place);
  dbgalloc_backtrace_syminfo(state, reinterpret_cast<uintptr_t>(&Landmark),
                             OnSymbol, OnError, &place);
  EXPECT_EQ(place.error, "");
  EXPECT_NE(place.file.find("libbacktrace_test.cc"), std::string::npos);
  EXPECT_NE(place.function.find("Landmark"), std::string::npos);
  EXPECT_GT(place.line, 0);
  EXPECT_GT(arena_used, 0u);
}

}  // namespace
