#include "alloc/stack/debug_info.h"

#include <string.h>

#include "alloc/os/env.h"
#include "alloc/stack/debug_info_memory.h"
#include "alloc/stack/loaded_module.h"
#include "third_party/libbacktrace/libbacktrace.h"

namespace dbgalloc::stack {
namespace {

// What libbacktrace has read, and the modules that were loaded then.
constinit backtrace_state* reader = nullptr;
constinit uint64_t reader_generation = 0;

struct Collection {
  DebugFrame* frames;
  size_t capacity;
  size_t count = 0;
};

// Files that are missing or damaged are no errors: less is known then.
void IgnoreError(void*, const char*, int) {}

int CollectFrame(void* data, uintptr_t, const char* file, int line, int column,
                 const char* function) {
  Collection& collection = *static_cast<Collection*>(data);
  if (collection.count == collection.capacity) return 1;
  if (file == nullptr && function == nullptr) return 0;
  collection.frames[collection.count++] = {function, file, line, column};
  return 0;
}

void KeepSymbol(void* data, uintptr_t, const char* symbol, uintptr_t,
                uintptr_t) {
  *static_cast<const char**>(data) = symbol;
}

bool IsMangled(const char* symbol) {
  return symbol != nullptr && strncmp(symbol, "_Z", 2) == 0;
}

// The symbol table has the whole name of the function that was not inlined;
// some debug information has only the last part of it.
void CompleteOutermost(Collection* collection, uintptr_t address) {
  const char* symbol = nullptr;
  dbgalloc_backtrace_syminfo(reader, address, KeepSymbol, IgnoreError, &symbol);
  if (symbol == nullptr) return;
  if (collection->count == 0) {
    collection->frames[collection->count++] = {.symbol = symbol};
    return;
  }
  DebugFrame& outermost = collection->frames[collection->count - 1];
  if (outermost.symbol == nullptr ||
      (IsMangled(symbol) && !IsMangled(outermost.symbol))) {
    outermost.symbol = symbol;
  }
}

bool PrepareReader() {
  const uint64_t generation = LoadedModulesGeneration();
  if (reader != nullptr && reader_generation == generation) return true;
  DropDebugInfo();
  constexpr int kOneThread = 0;
  reader = dbgalloc_backtrace_create_state(os::ProgramFile(), kOneThread,
                                           IgnoreError, nullptr);
  reader_generation = generation;
  return reader != nullptr;
}

}  // namespace

size_t LookUpDebugInfo(uintptr_t address, DebugFrame* frames, size_t capacity) {
  if (capacity == 0 || !PrepareReader()) return 0;
  Collection collection{frames, capacity};
  dbgalloc_backtrace_pcinfo(reader, address, CollectFrame, IgnoreError,
                            &collection);
  CompleteOutermost(&collection, address);
  return collection.count;
}

void DropDebugInfo() {
  reader = nullptr;
  DropDebugInfoMemory();
}

void AbandonDebugInfo() {
  reader = nullptr;
  AbandonDebugInfoMemory();
}

size_t DebugInfoMemory() { return DebugInfoArena().bytes(); }

}  // namespace dbgalloc::stack
