// The loaded object that holds an address: the program, a shared library, the
// vdso. Of ELF, it is asked through the dynamic linker's lock-free table where
// that has one (glibc 2.35), else by dl_iterate_phdr.
#ifndef DBGALLOC_ALLOC_STACK_LOADED_MODULE_H_
#define DBGALLOC_ALLOC_STACK_LOADED_MODULE_H_

#include <cstddef>
#include <cstdint>

namespace dbgalloc::stack {

// Pointers belong to the dynamic linker and last as long as the module.
struct LoadedModule {
  uintptr_t start = 0;         // of the mapping, where the header lies
  uintptr_t end = 0;           // behind the mapping
  uintptr_t load_bias = 0;     // run-time address minus address in the file
  uintptr_t eh_frame_hdr = 0;  // PT_GNU_EH_FRAME at run time; 0: none
  const char* name = "";       // "" for the program itself
};

// False when the address is in no module (or not any more). Async-signal-safe
// under glibc 2.35 and later; elsewhere it takes the dynamic linker's lock, so
// no caller may hold a lock of ours.
bool FindLoadedModule(uintptr_t address, LoadedModule* module);

// Calls `visit` for every loaded module, under the dynamic linker's lock.
void ForEachLoadedModule(void (*visit)(void* context,
                                       const LoadedModule& module),
                         void* context);

// Changes whenever a module is loaded or closed. Takes the dynamic linker's
// lock.
uint64_t LoadedModulesGeneration();

// The build id note of a loaded module: copies at most `capacity` bytes and
// returns how many; 0: it has none.
size_t ReadBuildId(const LoadedModule& module, uint8_t* bytes, size_t capacity);

}  // namespace dbgalloc::stack

#endif  // DBGALLOC_ALLOC_STACK_LOADED_MODULE_H_
