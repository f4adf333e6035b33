#include "alloc/stack/debug_info_memory.h"

#include <errno.h>
#include <string.h>

#include <new>

#include "alloc/os/file_view.h"
#include "third_party/libbacktrace/libbacktrace.h"
#include "third_party/libbacktrace/memory.h"

namespace dbgalloc::stack {
namespace {

constinit ReportArena arena;

// A view that is open; kept in the arena, so that the drop finds all of them.
struct OpenView {
  os::FileView view;
  OpenView* next;
};
constinit OpenView* open_views = nullptr;

void* Allocate(size_t size, backtrace_error_callback on_error, void* data) {
  void* memory = arena.Allocate(size);
  if (memory == nullptr) on_error(data, "no memory", ENOMEM);
  return memory;
}

// Doubles, so that what is copied stays in proportion to what is stored.
bool GrowVector(backtrace_vector* vector, size_t size,
                backtrace_error_callback on_error, void* data) {
  constexpr size_t kFewest = 256;
  const size_t old_room = vector->size + vector->alc;
  size_t room = vector->size + size;
  room = room < kFewest ? kFewest : 2 * room;
  if (vector->base != nullptr && arena.Extend(vector->base, old_room, room)) {
    vector->alc = room - vector->size;
    return true;
  }
  void* base = Allocate(room, on_error, data);
  if (base == nullptr) return false;
  if (vector->base != nullptr) {
    memcpy(base, vector->base, vector->size);
    arena.Free(vector->base, old_room);
  }
  vector->base = base;
  vector->alc = room - vector->size;
  return true;
}

void GiveBackRest(backtrace_vector* vector) {
  const size_t room = vector->size + vector->alc;
  if (vector->base != nullptr) arena.Extend(vector->base, room, vector->size);
  vector->alc = 0;
}

}  // namespace

ReportArena& DebugInfoArena() { return arena; }

void DropDebugInfoMemory() {
  for (OpenView* open = open_views; open != nullptr; open = open->next) {
    os::UnmapFileView(open->view);
  }
  open_views = nullptr;
  arena.Drop();
}

void AbandonDebugInfoMemory() {
  open_views = nullptr;
  arena.Abandon();
}

}  // namespace dbgalloc::stack

using dbgalloc::stack::Allocate;
using dbgalloc::stack::arena;
using dbgalloc::stack::GiveBackRest;
using dbgalloc::stack::GrowVector;
using dbgalloc::stack::open_views;
using dbgalloc::stack::OpenView;

void* dbgalloc_backtrace_alloc(backtrace_state*, size_t size,
                               backtrace_error_callback on_error, void* data) {
  return Allocate(size, on_error, data);
}

void dbgalloc_backtrace_free(backtrace_state*, void* memory, size_t size,
                             backtrace_error_callback, void*) {
  arena.Free(memory, size);
}

void* dbgalloc_backtrace_vector_grow(backtrace_state*, size_t size,
                                     backtrace_error_callback on_error,
                                     void* data, backtrace_vector* vector) {
  if (size > vector->alc && !GrowVector(vector, size, on_error, data)) {
    return nullptr;
  }
  char* result = static_cast<char*>(vector->base) + vector->size;
  vector->size += size;
  vector->alc -= size;
  return result;
}

void* dbgalloc_backtrace_vector_finish(backtrace_state*,
                                       backtrace_vector* vector,
                                       backtrace_error_callback, void*) {
  void* base = vector->base;
  GiveBackRest(vector);
  *vector = backtrace_vector{nullptr, 0, 0};
  return base;
}

int dbgalloc_backtrace_vector_release(backtrace_state*,
                                      backtrace_vector* vector,
                                      backtrace_error_callback, void*) {
  GiveBackRest(vector);
  return 1;
}

int dbgalloc_backtrace_get_view(backtrace_state*, int descriptor, off_t offset,
                                uint64_t size,
                                backtrace_error_callback on_error, void* data,
                                backtrace_view* view) {
  void* memory = Allocate(sizeof(OpenView), on_error, data);
  if (memory == nullptr) return 0;
  auto* open = new (memory) OpenView{{}, nullptr};
  if (!dbgalloc::os::MapFileView(descriptor, static_cast<uint64_t>(offset),
                                 size, &open->view)) {
    on_error(data, "mmap", ENOMEM);
    return 0;
  }
  open->next = open_views;
  open_views = open;
  *view = {open->view.data, open, open->view.size};
  return 1;
}

void dbgalloc_backtrace_release_view(backtrace_state*, backtrace_view* view,
                                     backtrace_error_callback, void*) {
  auto* open = static_cast<OpenView*>(view->base);
  dbgalloc::os::UnmapFileView(open->view);
  open->view = {};
}
