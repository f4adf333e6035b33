#include <elf.h>
#include <link.h>
#include <string.h>

#include <cstddef>

#include "alloc/stack/exported_symbols.h"

namespace dbgalloc::stack {
namespace {

// What the dynamic section says of the symbols; 0 where it says nothing.
struct SymbolTables {
  uintptr_t symbols = 0;
  uintptr_t strings = 0;
  uintptr_t strings_size = 0;
  uintptr_t hash = 0;
  uintptr_t gnu_hash = 0;
};

// Reads of the module's mapping and of nothing else.
class ModuleMemory {
 public:
  explicit ModuleMemory(const LoadedModule& module) : module_(module) {}

  template <typename T>
  const T* At(uintptr_t address, size_t count = 1) const {
    if (address < module_.start || address > module_.end) return nullptr;
    if (count > (module_.end - address) / sizeof(T)) return nullptr;
    return reinterpret_cast<const T*>(address);
  }

  // The dynamic linker has added the load address to most entries; in the
  // vdso and with some linkers they are still as in the file.
  uintptr_t Relocated(uintptr_t value) const {
    if (value >= module_.start && value < module_.end) return value;
    return value + module_.load_bias;
  }

 private:
  const LoadedModule& module_;
};

// The program header of a kind; null: none.
const ElfW(Phdr) * FindSegment(const LoadedModule& module,
                               const ModuleMemory& memory, uint32_t type) {
  const auto* header = memory.At<ElfW(Ehdr)>(module.start);
  if (header == nullptr || memcmp(header->e_ident, ELFMAG, SELFMAG) != 0) {
    return nullptr;
  }
  const auto* segments =
      memory.At<ElfW(Phdr)>(module.start + header->e_phoff, header->e_phnum);
  if (segments == nullptr) return nullptr;
  for (size_t i = 0; i < header->e_phnum; ++i) {
    if (segments[i].p_type == type) return &segments[i];
  }
  return nullptr;
}

bool ReadDynamicSection(const LoadedModule& module, const ModuleMemory& memory,
                        SymbolTables* tables) {
  const ElfW(Phdr)* segment = FindSegment(module, memory, PT_DYNAMIC);
  if (segment == nullptr) return false;
  const size_t count = segment->p_memsz / sizeof(ElfW(Dyn));
  const auto* entries =
      memory.At<ElfW(Dyn)>(module.load_bias + segment->p_vaddr, count);
  if (entries == nullptr) return false;
  for (size_t i = 0; i < count && entries[i].d_tag != DT_NULL; ++i) {
    const uintptr_t value = entries[i].d_un.d_val;
    switch (entries[i].d_tag) {
      case DT_SYMTAB:
        tables->symbols = memory.Relocated(value);
        break;
      case DT_STRTAB:
        tables->strings = memory.Relocated(value);
        break;
      case DT_STRSZ:
        tables->strings_size = value;
        break;
      case DT_HASH:
        tables->hash = memory.Relocated(value);
        break;
      case DT_GNU_HASH:
        tables->gnu_hash = memory.Relocated(value);
        break;
      default:
        break;
    }
  }
  return tables->symbols != 0 && tables->strings != 0;
}

// The number of symbols is nowhere written down with DT_GNU_HASH: it follows
// from the last chain's end.
size_t CountByGnuHash(const ModuleMemory& memory, uintptr_t table) {
  const auto* header = memory.At<uint32_t>(table, 4);
  if (header == nullptr) return 0;
  const uint32_t bucket_count = header[0];
  const uint32_t first_symbol = header[1];
  const uint32_t bloom_words = header[2];
  const uintptr_t buckets_at =
      table + 4 * sizeof(uint32_t) + bloom_words * sizeof(uintptr_t);
  const auto* buckets = memory.At<uint32_t>(buckets_at, bucket_count);
  if (buckets == nullptr) return 0;
  uint32_t last = 0;
  for (uint32_t i = 0; i < bucket_count; ++i) {
    if (buckets[i] > last) last = buckets[i];
  }
  if (last < first_symbol) return first_symbol;
  const uintptr_t chains_at = buckets_at + bucket_count * sizeof(uint32_t);
  for (;; ++last) {
    const auto* chain = memory.At<uint32_t>(chains_at + (last - first_symbol) *
                                                            sizeof(uint32_t));
    if (chain == nullptr) return 0;
    if ((*chain & 1) != 0) return size_t{last} + 1;
  }
}

size_t CountSymbols(const ModuleMemory& memory, const SymbolTables& tables) {
  if (tables.hash != 0) {
    const auto* header = memory.At<uint32_t>(tables.hash, 2);
    return header == nullptr ? 0 : header[1];
  }
  return tables.gnu_hash == 0 ? 0 : CountByGnuHash(memory, tables.gnu_hash);
}

bool Covers(const ElfW(Sym) & symbol, uintptr_t file_address) {
  const int type = symbol.st_info & 0xf;
  if (type != STT_FUNC && type != STT_GNU_IFUNC) return false;
  return symbol.st_shndx != SHN_UNDEF &&
         file_address - symbol.st_value < symbol.st_size;
}

}  // namespace

const char* FindExportedSymbol(const LoadedModule& module, uintptr_t address) {
  const ModuleMemory memory(module);
  SymbolTables tables;
  if (!ReadDynamicSection(module, memory, &tables)) return nullptr;
  const size_t count = CountSymbols(memory, tables);
  const auto* symbols = memory.At<ElfW(Sym)>(tables.symbols, count);
  const char* strings = memory.At<char>(tables.strings, tables.strings_size);
  if (symbols == nullptr || strings == nullptr) return nullptr;
  for (size_t i = 0; i < count; ++i) {
    if (!Covers(symbols[i], address - module.load_bias)) continue;
    const size_t name = symbols[i].st_name;
    if (name >= tables.strings_size) return nullptr;
    const bool ends =
        memchr(strings + name, 0, tables.strings_size - name) != nullptr;
    return ends ? strings + name : nullptr;
  }
  return nullptr;
}

}  // namespace dbgalloc::stack
