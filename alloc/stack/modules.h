// Names the module (program or shared library) that an address belongs to, also
// after it was closed: with the build id, its frames can be resolved elsewhere.
//
// A module is noted when a stack is first walked through it by its tables, when
// NoteLoadedModules() is called, and when it is asked for here.
#ifndef DBGALLOC_ALLOC_STACK_MODULES_H_
#define DBGALLOC_ALLOC_STACK_MODULES_H_

#include <cstddef>
#include <cstdint>

namespace dbgalloc::stack {

inline constexpr size_t kBuildIdTextSize = 2 * 20 + 1;

struct ModuleInfo {
  const char* path = "";  // lasts as long as the process
  uintptr_t base = 0;     // run-time address minus address in the file
  uintptr_t offset = 0;   // of the asked address in the file's own numbering
  char build_id[kBuildIdTextSize] = "";  // hexadecimal; "": it has none
  bool is_loaded = false;                // false: closed since
};

// False when no module is or was known there. Where several modules were, one
// after the other, the newest is named. May take the dynamic linker's lock.
bool DescribeModule(uintptr_t address, ModuleInfo* info);

// Notes every module that is loaded now. For the start of the program and
// before and after libraries are opened or closed. Takes the dynamic linker's
// lock.
void NoteLoadedModules();

}  // namespace dbgalloc::stack

#endif  // DBGALLOC_ALLOC_STACK_MODULES_H_
