#include "alloc/stack/modules.h"

#include <string_view>

#include "alloc/os/env.h"
#include "alloc/stack/loaded_module.h"
#include "alloc/stack/module_registry.h"

namespace dbgalloc::stack {
namespace {

void WriteBuildId(const KnownModule& module, char* text) {
  constexpr char kDigits[] = "0123456789abcdef";
  for (size_t i = 0; i < module.build_id_size; ++i) {
    *text++ = kDigits[module.build_id[i] >> 4];
    *text++ = kDigits[module.build_id[i] & 15];
  }
  *text = '\0';
}

// The dynamic linker leaves the program itself without a name.
const char* PathOf(const KnownModule& module) {
  if (module.name[0] != '\0') return module.name;
  const std::string_view program = os::ProgramPath();
  return program.empty() ? "" : program.data();
}

}  // namespace

bool DescribeModule(uintptr_t address, ModuleInfo* info) {
  *info = ModuleInfo();
  LoadedModule loaded;
  if (FindLoadedModule(address, &loaded)) {
    GlobalModuleRegistry().Note(loaded);
    info->is_loaded = true;
  }
  const KnownModule* known = GlobalModuleRegistry().Find(address);
  if (known == nullptr) return false;
  info->path = PathOf(*known);
  info->base = known->load_bias;
  info->offset = address - known->load_bias;
  WriteBuildId(*known, info->build_id);
  return true;
}

void NoteLoadedModules() {
  ForEachLoadedModule(
      [](void*, const LoadedModule& module) {
        GlobalModuleRegistry().Note(module);
      },
      nullptr);
}

}  // namespace dbgalloc::stack
