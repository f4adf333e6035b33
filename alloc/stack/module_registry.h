// Every module that a stack was seen in, kept after it was closed.
//
// A list that only grows, newest first. Entries are never changed once they are
// linked, so readers need no lock and a signal handler may add to it.
#ifndef DBGALLOC_ALLOC_STACK_MODULE_REGISTRY_H_
#define DBGALLOC_ALLOC_STACK_MODULE_REGISTRY_H_

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "alloc/stack/loaded_module.h"

namespace dbgalloc::stack {

inline constexpr size_t kMaxBuildIdSize = 20;

// What is remembered of a module. `name` is as the dynamic linker had it, cut
// when very long; "" for the program itself.
struct KnownModule {
  const KnownModule* older = nullptr;
  uintptr_t start = 0;
  uintptr_t end = 0;
  uintptr_t load_bias = 0;
  uintptr_t eh_frame_hdr = 0;
  uint8_t build_id[kMaxBuildIdSize] = {};
  uint8_t build_id_size = 0;
  char name[];
};

class ModuleRegistry {
 public:
  constexpr ModuleRegistry() = default;
  ModuleRegistry(const ModuleRegistry&) = delete;
  ModuleRegistry& operator=(const ModuleRegistry&) = delete;

  // Remembers a module that is loaded now, unless it was seen before and
  // nothing else was seen at its addresses since. Async-signal-safe. When
  // memory is refused the module is not remembered, and is new the next time.
  void Note(const LoadedModule& module);

  // How many modules were new so far, and how many of them replaced another.
  uint32_t additions() const {
    return additions_.load(std::memory_order_acquire);
  }
  uint32_t replacements() const {
    return replacements_.load(std::memory_order_acquire);
  }

  // The newest module seen at the address; null: none.
  const KnownModule* Find(uintptr_t address) const;

 private:
  char* AllocateBytes(size_t size);
  void Remember(const LoadedModule& module);

  std::atomic<const KnownModule*> newest_{nullptr};
  std::atomic<uintptr_t> arena_next_{0};  // 0: no arena yet
  std::atomic<uint32_t> count_{0};
  std::atomic<uint32_t> additions_{0};
  std::atomic<uint32_t> replacements_{0};
};

// The process's registry.
ModuleRegistry& GlobalModuleRegistry();

}  // namespace dbgalloc::stack

#endif  // DBGALLOC_ALLOC_STACK_MODULE_REGISTRY_H_
