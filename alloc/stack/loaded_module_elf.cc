#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <string.h>

#include <cstddef>

#include "alloc/stack/loaded_module.h"

#if defined(__GLIBC_PREREQ)
#if __GLIBC_PREREQ(2, 35)
#define DBGALLOC_HAS_DL_FIND_OBJECT 1
// Weak: the library may run under an older C library than it was built with.
#pragma weak _dl_find_object
#endif
#endif

namespace dbgalloc::stack {
namespace {

// Where the segments of a module lie, from its program headers.
LoadedModule DescribeHeaders(const dl_phdr_info& info) {
  LoadedModule module;
  module.load_bias = info.dlpi_addr;
  module.name = info.dlpi_name != nullptr ? info.dlpi_name : "";
  module.start = UINTPTR_MAX;
  for (size_t i = 0; i < info.dlpi_phnum; ++i) {
    const ElfW(Phdr)& header = info.dlpi_phdr[i];
    const uintptr_t begin = info.dlpi_addr + header.p_vaddr;
    if (header.p_type == PT_GNU_EH_FRAME) module.eh_frame_hdr = begin;
    if (header.p_type != PT_LOAD) continue;
    const uintptr_t end = begin + header.p_memsz;
    if (begin < module.start) module.start = begin;
    if (end > module.end) module.end = end;
  }
  return module;
}

struct Search {
  uintptr_t address;
  LoadedModule* module;
};

int MatchModule(dl_phdr_info* info, size_t, void* context) {
  const Search& search = *static_cast<Search*>(context);
  const LoadedModule module = DescribeHeaders(*info);
  if (search.address < module.start || search.address >= module.end) return 0;
  *search.module = module;
  return 1;
}

struct Visit {
  void (*visit)(void* context, const LoadedModule& module);
  void* context;
};

int VisitModule(dl_phdr_info* info, size_t, void* context) {
  const Visit& visit = *static_cast<Visit*>(context);
  visit.visit(visit.context, DescribeHeaders(*info));
  return 0;
}

int ReadGeneration(dl_phdr_info* info, size_t size, void* context) {
  if (size < offsetof(dl_phdr_info, dlpi_subs) + sizeof(info->dlpi_subs)) {
    return 1;  // an old C library that does not count
  }
  *static_cast<uint64_t*>(context) = info->dlpi_adds + info->dlpi_subs;
  return 1;
}

#ifdef DBGALLOC_HAS_DL_FIND_OBJECT
bool FindWithoutLock(uintptr_t address, LoadedModule* module) {
  dl_find_object found;
  if (_dl_find_object(reinterpret_cast<void*>(address), &found) != 0) {
    return false;
  }
  module->start = reinterpret_cast<uintptr_t>(found.dlfo_map_start);
  module->end = reinterpret_cast<uintptr_t>(found.dlfo_map_end);
  module->eh_frame_hdr = reinterpret_cast<uintptr_t>(found.dlfo_eh_frame);
  if (found.dlfo_link_map != nullptr) {
    module->load_bias = found.dlfo_link_map->l_addr;
    const char* name = found.dlfo_link_map->l_name;
    module->name = name != nullptr ? name : "";
  }
  return true;
}

// For a statically linked program, glibc gives the bounds of its code alone.
bool HoldsItsTables(const LoadedModule& module) {
  return module.eh_frame_hdr == 0 || (module.eh_frame_hdr >= module.start &&
                                      module.eh_frame_hdr < module.end);
}
#endif

// The build id in one PT_NOTE segment.
size_t ReadBuildIdNote(const char* note, const char* end, uint8_t* bytes,
                       size_t capacity) {
  const auto rounded = [](size_t size) { return (size + 3) & ~size_t{3}; };
  while (static_cast<size_t>(end - note) >= sizeof(ElfW(Nhdr))) {
    ElfW(Nhdr) header;
    memcpy(&header, note, sizeof(header));
    const char* name = note + sizeof(header);
    const size_t left = static_cast<size_t>(end - name);
    const size_t name_size = rounded(header.n_namesz);
    if (name_size > left || rounded(header.n_descsz) > left - name_size) break;
    const char* description = name + name_size;
    if (header.n_type == NT_GNU_BUILD_ID && header.n_namesz == 4 &&
        memcmp(name, "GNU", 4) == 0) {
      const size_t size =
          header.n_descsz < capacity ? header.n_descsz : capacity;
      memcpy(bytes, description, size);
      return size;
    }
    note = description + rounded(header.n_descsz);
  }
  return 0;
}

}  // namespace

bool FindLoadedModule(uintptr_t address, LoadedModule* module) {
#ifdef DBGALLOC_HAS_DL_FIND_OBJECT
  if (_dl_find_object != nullptr) {
    if (!FindWithoutLock(address, module)) return false;
    if (HoldsItsTables(*module)) return true;
  }
#endif
  Search search{address, module};
  return dl_iterate_phdr(MatchModule, &search) != 0;
}

void ForEachLoadedModule(void (*visit)(void* context,
                                       const LoadedModule& module),
                         void* context) {
  Visit argument{visit, context};
  dl_iterate_phdr(VisitModule, &argument);
}

uint64_t LoadedModulesGeneration() {
  uint64_t generation = 0;
  dl_iterate_phdr(ReadGeneration, &generation);
  return generation;
}

size_t ReadBuildId(const LoadedModule& module, uint8_t* bytes,
                   size_t capacity) {
  const auto* header = reinterpret_cast<const ElfW(Ehdr)*>(module.start);
  if (module.end - module.start < sizeof(*header)) return 0;
  if (memcmp(header->e_ident, ELFMAG, SELFMAG) != 0) return 0;
  if (header->e_phentsize != sizeof(ElfW(Phdr))) return 0;
  const uintptr_t size = module.end - module.start;
  if (header->e_phoff > size ||
      header->e_phnum > (size - header->e_phoff) / sizeof(ElfW(Phdr))) {
    return 0;
  }
  const auto* segments =
      reinterpret_cast<const ElfW(Phdr)*>(module.start + header->e_phoff);
  for (size_t i = 0; i < header->e_phnum; ++i) {
    if (segments[i].p_type != PT_NOTE) continue;
    const uintptr_t begin = module.load_bias + segments[i].p_vaddr;
    if (begin < module.start || begin > module.end ||
        segments[i].p_memsz > module.end - begin) {
      continue;
    }
    const char* note = reinterpret_cast<const char*>(begin);
    const size_t found =
        ReadBuildIdNote(note, note + segments[i].p_memsz, bytes, capacity);
    if (found != 0) return found;
  }
  return 0;
}

}  // namespace dbgalloc::stack
