// Exports have no size: the function that begins last before an address is
// taken for the one that holds it, unless the tables for unwinding say that
// another one does.
#include "alloc/os/windows_api.h"
#include "alloc/stack/exported_symbols.h"
#include "alloc/stack/pe_image.h"

namespace dbgalloc::stack {
namespace {

// Where the function that holds the address begins, as an offset; 0: unknown.
size_t FunctionBegin(uintptr_t address) {
  DWORD64 base = 0;
  const RUNTIME_FUNCTION* entry =
      RtlLookupFunctionEntry(address, &base, nullptr);
  return entry == nullptr ? 0 : entry->BeginAddress;
}

}  // namespace

const char* FindExportedSymbol(const LoadedModule& module, uintptr_t address) {
  os::LastErrorKeeper keeper;
  const PeImage image(module.start);
  if (!image.is_valid()) return nullptr;
  const auto* table =
      image.Directory<IMAGE_EXPORT_DIRECTORY>(IMAGE_DIRECTORY_ENTRY_EXPORT);
  if (table == nullptr) return nullptr;
  const DWORD count = table->NumberOfNames;
  const auto* names = image.At<DWORD>(table->AddressOfNames, count);
  const auto* ordinals = image.At<WORD>(table->AddressOfNameOrdinals, count);
  const auto* functions =
      image.At<DWORD>(table->AddressOfFunctions, table->NumberOfFunctions);
  if (names == nullptr || ordinals == nullptr || functions == nullptr) {
    return nullptr;
  }
  const size_t wanted = address - module.start;
  const size_t begin = FunctionBegin(address);
  const char* found = nullptr;
  size_t nearest = begin == 0 ? 1 : begin;
  for (DWORD i = 0; i < count; ++i) {
    if (ordinals[i] >= table->NumberOfFunctions) continue;
    const size_t offset = functions[ordinals[i]];
    if (offset < nearest || offset > wanted) continue;
    nearest = offset;
    found = image.TextAt(names[i]);
  }
  return found;
}

}  // namespace dbgalloc::stack
