#include "alloc/stack/unwind_tables.h"

#include <atomic>

#include "alloc/stack/eh_frame.h"
#include "alloc/stack/loaded_module.h"
#include "alloc/stack/module_registry.h"

namespace dbgalloc::stack {

constinit RowCache unwind_rows;

namespace {

// Whether the cache holds rows that say "no module is here", and what the
// registry had counted when the rows were last known to be right.
constinit std::atomic<bool> has_rows_without_module{false};
constinit std::atomic<uint32_t> seen_additions{0};
constinit std::atomic<uint32_t> seen_replacements{0};

// Brings the cache up to date with a module that holds code. What was cached
// for its addresses may be of another module or of none, whoever noted the
// module first.
void NoteModule(const LoadedModule& module) {
  ModuleRegistry& registry = GlobalModuleRegistry();
  registry.Note(module);
  const uint32_t replacements = registry.replacements();
  const uint32_t additions = registry.additions();
  const bool is_replaced =
      seen_replacements.exchange(replacements) != replacements;
  const bool is_new = seen_additions.exchange(additions) != additions;
  if (is_replaced || (is_new && has_rows_without_module.exchange(false))) {
    unwind_rows.Invalidate();
  }
}

}  // namespace

UnwindRow WorkOutRow(uintptr_t address) {
  RowCache::Epoch epoch = unwind_rows.epoch();
  UnwindRow row = UnwindRow::Of(CfaKind::kNoTable);
  LoadedModule module;
  if (FindLoadedModule(address, &module)) {
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
