#include "alloc/stack/module_registry.h"

#include <string.h>

#include <new>

#include "alloc/os/pages.h"

namespace dbgalloc::stack {
namespace {

constexpr size_t kArenaSize = size_t{64} << 10;
constexpr size_t kMaxNameSize = 1024;

// A program that opens and closes libraries without end stops being noted
// here; its last modules are then named as long as they stay loaded.
constexpr uint32_t kMaxModules = 16384;

bool Overlaps(const KnownModule& known, const LoadedModule& module) {
  return module.start < known.end && known.start < module.end;
}

bool IsSame(const KnownModule& known, const LoadedModule& module) {
  if (known.start != module.start || known.end != module.end ||
      known.eh_frame_hdr != module.eh_frame_hdr ||
      known.load_bias != module.load_bias) {
    return false;
  }
  return strncmp(known.name, module.name, kMaxNameSize - 1) == 0;
}

}  // namespace

void ModuleRegistry::Note(const LoadedModule& module) {
  const KnownModule* known = newest_.load(std::memory_order_acquire);
  while (known != nullptr && !Overlaps(*known, module)) known = known->older;
  if (known != nullptr && IsSame(*known, module)) return;
  Remember(module);
  additions_.fetch_add(1, std::memory_order_acq_rel);
  if (known != nullptr) replacements_.fetch_add(1, std::memory_order_acq_rel);
}

const KnownModule* ModuleRegistry::Find(uintptr_t address) const {
  const KnownModule* known = newest_.load(std::memory_order_acquire);
  while (known != nullptr &&
         (address < known->start || address >= known->end)) {
    known = known->older;
  }
  return known;
}

// Bump allocation without a lock. An arena is as large as its alignment, so
// the position alone tells where it ends; a new one replaces the old by the
// same compare-exchange that takes bytes from it.
char* ModuleRegistry::AllocateBytes(size_t size) {
  size = (size + 15) & ~size_t{15};
  uintptr_t next = arena_next_.load(std::memory_order_acquire);
  for (;;) {
    const uintptr_t used = next % kArenaSize;
    if (next != 0 && used != 0 && used + size <= kArenaSize) {
      if (arena_next_.compare_exchange_weak(next, next + size,
                                            std::memory_order_acq_rel)) {
        return reinterpret_cast<char*>(next);
      }
      continue;
    }
    void* arena = os::MapPages(kArenaSize, kArenaSize);
    if (arena == nullptr) return nullptr;
    const auto start = reinterpret_cast<uintptr_t>(arena);
    if (arena_next_.compare_exchange_strong(next, start + size,
                                            std::memory_order_acq_rel)) {
      return static_cast<char*>(arena);
    }
    os::ReleasePages(arena, kArenaSize);
  }
}

void ModuleRegistry::Remember(const LoadedModule& module) {
  if (count_.fetch_add(1, std::memory_order_relaxed) >= kMaxModules) {
    count_.store(kMaxModules, std::memory_order_relaxed);
    return;
  }
  const size_t name_size = strnlen(module.name, kMaxNameSize - 1);
  char* bytes = AllocateBytes(sizeof(KnownModule) + name_size + 1);
  if (bytes == nullptr) return;
  auto* known = new (bytes) KnownModule;
  known->start = module.start;
  known->end = module.end;
  known->load_bias = module.load_bias;
  known->eh_frame_hdr = module.eh_frame_hdr;
  known->build_id_size = static_cast<uint8_t>(
      ReadBuildId(module, known->build_id, kMaxBuildIdSize));
  memcpy(known->name, module.name, name_size);
  known->name[name_size] = '\0';
  known->older = newest_.load(std::memory_order_acquire);
  while (!newest_.compare_exchange_weak(known->older, known,
                                        std::memory_order_acq_rel)) {
  }
}

ModuleRegistry& GlobalModuleRegistry() {
  static constinit ModuleRegistry registry;
  return registry;
}

}  // namespace dbgalloc::stack
