// What libbacktrace asks of whoever links it, on the ordinary heap; a tool ends
// before memory matters. Weak: in a build with --custom_malloc the tool's own
// malloc is dbgalloc, which brings its own of these for its reports, and they
// serve both.
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "third_party/libbacktrace/libbacktrace.h"
#include "third_party/libbacktrace/memory.h"

[[gnu::weak]] void* dbgalloc_backtrace_alloc(backtrace_state*, size_t size,
                                             backtrace_error_callback on_error,
                                             void* data) {
  void* memory = std::malloc(size);
  if (memory == nullptr) on_error(data, "no memory", ENOMEM);
  return memory;
}

[[gnu::weak]] void dbgalloc_backtrace_free(backtrace_state*, void* memory,
                                           size_t, backtrace_error_callback,
                                           void*) {
  std::free(memory);
}

[[gnu::weak]] void* dbgalloc_backtrace_vector_grow(
    backtrace_state*, size_t size, backtrace_error_callback on_error,
    void* data, backtrace_vector* vector) {
  if (size > vector->alc) {
    const size_t room = 2 * (vector->size + size);
    void* base = std::realloc(vector->base, room);
    if (base == nullptr) {
      on_error(data, "no memory", ENOMEM);
      return nullptr;
    }
    vector->base = base;
    vector->alc = room - vector->size;
  }
  void* result = static_cast<char*>(vector->base) + vector->size;
  vector->size += size;
  vector->alc -= size;
  return result;
}

// The part behind the content cannot be given to anyone else.
[[gnu::weak]] void* dbgalloc_backtrace_vector_finish(backtrace_state*,
                                                     backtrace_vector* vector,
                                                     backtrace_error_callback,
                                                     void*) {
  void* base = vector->base;
  *vector = backtrace_vector{nullptr, 0, 0};
  return base;
}

[[gnu::weak]] int dbgalloc_backtrace_vector_release(backtrace_state*,
                                                    backtrace_vector* vector,
                                                    backtrace_error_callback,
                                                    void*) {
  vector->alc = 0;
  return 1;
}

[[gnu::weak]] int dbgalloc_backtrace_get_view(backtrace_state*, int descriptor,
                                              off_t offset, uint64_t size,
                                              backtrace_error_callback on_error,
                                              void* data,
                                              backtrace_view* view) {
  void* memory = std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr ||
      pread(descriptor, memory, size, offset) != static_cast<ssize_t>(size)) {
    std::free(memory);
    on_error(data, "the file cannot be read", errno);
    return 0;
  }
  *view = {memory, memory, size};
  return 1;
}

[[gnu::weak]] void dbgalloc_backtrace_release_view(backtrace_state*,
                                                   backtrace_view* view,
                                                   backtrace_error_callback,
                                                   void*) {
  std::free(view->base);
}
