#include "alloc/stack/unwind_tables.h"

#include <atomic>

#include "alloc/stack/eh_frame.h"
#include "alloc/stack/elf_module.h"
#include "alloc/stack/module_registry.h"

namespace dbgalloc::stack {

constinit RowCache unwind_rows;

namespace {

// Whether the cache holds rows that say "no module is here".
constinit std::atomic<bool> has_rows_without_module{false};

// Brings the cache up to date with a module that holds code. What was cached
// for its addresses may be of another module or of none.
void NoteModule(const ElfModule& module) {
  switch (GlobalModuleRegistry().Note(module)) {
    case ModuleRegistry::Sighting::kKnown:
      return;
    case ModuleRegistry::Sighting::kNew:
      if (!has_rows_without_module.exchange(false)) return;
      break;
    case ModuleRegistry::Sighting::kReplaced:
      break;
  }
  unwind_rows.Invalidate();
}

}  // namespace

UnwindRow WorkOutRow(uintptr_t address) {
  RowCache::Epoch epoch = unwind_rows.epoch();
  UnwindRow row = UnwindRow::Of(CfaKind::kNoTable);
  ElfModule module;
  if (FindElfModule(address, &module)) {
    NoteModule(module);
    epoch = unwind_rows.epoch();
    FunctionTable table;
    if (FindFunctionTable(module, address, &table)) {
      row = RowAt(table, address);
    }
  } else {
    has_rows_without_module.store(true);
  }
  unwind_rows.Insert(address, epoch, row);
  return row;
}

}  // namespace dbgalloc::stack
