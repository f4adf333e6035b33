// PE images, as the loader has them in memory.
#include <string.h>

#include "alloc/os/windows_api.h"
#include "alloc/stack/loaded_module.h"
#include "alloc/stack/pe_image.h"

namespace dbgalloc::stack {
namespace {

bool IsProgram(uintptr_t start) {
  return start == reinterpret_cast<uintptr_t>(GetModuleHandleW(nullptr));
}

// The name that an image with exports has of itself.
const char* NameOf(const PeImage& image) {
  const auto* exports =
      image.Directory<IMAGE_EXPORT_DIRECTORY>(IMAGE_DIRECTORY_ENTRY_EXPORT);
  return exports == nullptr ? "" : image.TextAt(exports->Name);
}

bool Describe(uintptr_t start, LoadedModule* module) {
  const PeImage image(start);
  if (!image.is_valid()) return false;
  *module = LoadedModule();
  module->start = start;
  module->end = start + image.size();
  module->load_bias = start;
  if (!IsProgram(start)) module->name = NameOf(image);
  return true;
}

// How the linker names the file with the debug information of an image.
struct CodeViewRecord {
  char signature[4];
  uint8_t guid[16];
  uint8_t age[4];
};

}  // namespace

bool FindLoadedModule(uintptr_t address, LoadedModule* module) {
  os::LastErrorKeeper keeper;
  MEMORY_BASIC_INFORMATION pages;
  if (VirtualQuery(reinterpret_cast<void*>(address), &pages, sizeof(pages)) ==
          0 ||
      pages.State != MEM_COMMIT || pages.Type != MEM_IMAGE) {
    return false;
  }
  return Describe(reinterpret_cast<uintptr_t>(pages.AllocationBase), module);
}

void ForEachLoadedModule(void (*visit)(void* context,
                                       const LoadedModule& module),
                         void* context) {
  os::LastErrorKeeper keeper;
  constexpr DWORD kMostModules = 512;
  HMODULE modules[kMostModules];
  DWORD bytes = 0;
  if (!K32EnumProcessModules(GetCurrentProcess(), modules, sizeof(modules),
                             &bytes)) {
    return;
  }
  for (DWORD i = 0; i < kMostModules && i < bytes / sizeof(HMODULE); ++i) {
    LoadedModule module;
    if (Describe(reinterpret_cast<uintptr_t>(modules[i]), &module)) {
      visit(context, module);
    }
  }
}

// Debug information is read of the program alone, which stays.
uint64_t LoadedModulesGeneration() { return 0; }

size_t ReadBuildId(const LoadedModule& module, uint8_t* bytes,
                   size_t capacity) {
  const PeImage image(module.start);
  if (!image.is_valid()) return 0;
  const auto* debug =
      image.Directory<IMAGE_DEBUG_DIRECTORY>(IMAGE_DIRECTORY_ENTRY_DEBUG);
  if (debug == nullptr || debug->Type != IMAGE_DEBUG_TYPE_CODEVIEW) return 0;
  const auto* record = image.At<CodeViewRecord>(debug->AddressOfRawData);
  if (record == nullptr || memcmp(record->signature, "RSDS", 4) != 0) return 0;
  const size_t size =
      capacity < sizeof(record->guid) ? capacity : sizeof(record->guid);
  memcpy(bytes, record->guid, size);
  return size;
}

}  // namespace dbgalloc::stack
