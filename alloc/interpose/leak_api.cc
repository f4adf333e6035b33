// Leak checks as programs ask for them: dbgalloc's names, and LeakSanitizer's,
// so that programs annotated for that one work unchanged.
#include <stddef.h>

#include "alloc/base/malloc_gate.h"
#include "alloc/interpose/leak_marks.h"
#include "alloc/interpose/process_leaks.h"
#include "alloc/interpose/root_regions.h"
#include "alloc/interpose/runtime.h"
#include "dbgalloc/c_api.h"

#define DBGALLOC_ENTRY extern "C" [[gnu::visibility("default"), gnu::noinline]]

using dbgalloc::Operation;
using dbgalloc::base::malloc_gate;
using dbgalloc::base::MallocGate;
using dbgalloc::interpose::root_regions;
using dbgalloc::os::SavedRegisters;
using dbgalloc::os::SaveRegisters;

namespace {

void Ignore(const void* address) {
  dbgalloc::interpose::Start();
  dbgalloc::debug::DebugHeap* heap = dbgalloc::interpose::HeapIfOpen();
  if (heap != nullptr) dbgalloc::interpose::IgnoreLeak(*heap, address);
}

int Register(const void* begin, size_t size) {
  return root_regions.Add(reinterpret_cast<uintptr_t>(begin), size) ? 0 : -1;
}

int Unregister(const void* begin, size_t size) {
  return root_regions.Remove(reinterpret_cast<uintptr_t>(begin), size) ? 0 : -1;
}

}  // namespace

DBGALLOC_ENTRY size_t dbgalloc_check_leaks_now(void) {
  SavedRegisters registers;
  SaveRegisters(registers);
  return dbgalloc::interpose::CheckLeaks(Operation::kHeapCheck,
                                         DBGALLOC_CALLER_FRAME(), registers);
}

DBGALLOC_ENTRY uint64_t dbgalloc_leak_mark(void) {
  dbgalloc::interpose::Start();
  return dbgalloc::interpose::MarkForLeaks();
}

DBGALLOC_ENTRY size_t dbgalloc_find_leaks_since(uint64_t mark,
                                                struct dbgalloc_leaks* leaks,
                                                char* text, size_t capacity) {
  SavedRegisters registers;
  SaveRegisters(registers);
  const dbgalloc::report::ToldLeaks found = dbgalloc::interpose::FindLeaksSince(
      mark, DBGALLOC_CALLER_FRAME(), registers, text, capacity);
  leaks->blocks = found.blocks;
  leaks->bytes = found.bytes;
  return found.text_size;
}

DBGALLOC_ENTRY size_t dbgalloc_check_region(uint64_t mark, const char* name,
                                            unsigned rules,
                                            struct dbgalloc_leaks* leaks) {
  SavedRegisters registers;
  SaveRegisters(registers);
  const dbgalloc::report::ToldLeaks found = dbgalloc::interpose::CheckRegion(
      {mark, name, (rules & DBGALLOC_REGION_NOT_FREED) != 0,
       (rules & DBGALLOC_REGION_SILENT) != 0},
      DBGALLOC_CALLER_FRAME(), registers);
  leaks->blocks = found.blocks;
  leaks->bytes = found.bytes;
  return found.blocks;
}

DBGALLOC_ENTRY void dbgalloc_ignore_object(const void* address) {
  Ignore(address);
}

DBGALLOC_ENTRY void dbgalloc_disable_leaks(void) {
  malloc_gate.Raise(MallocGate::Count::kLeaksIgnored);
}

DBGALLOC_ENTRY void dbgalloc_enable_leaks(void) {
  if (malloc_gate.Has(MallocGate::Count::kLeaksIgnored)) {
    malloc_gate.Lower(MallocGate::Count::kLeaksIgnored);
  }
}

DBGALLOC_ENTRY int dbgalloc_register_root_region(const void* begin,
                                                 size_t size) {
  return Register(begin, size);
}

DBGALLOC_ENTRY int dbgalloc_unregister_root_region(const void* begin,
                                                   size_t size) {
  return Unregister(begin, size);
}

DBGALLOC_ENTRY void __lsan_disable(void) { dbgalloc_disable_leaks(); }

DBGALLOC_ENTRY void __lsan_enable(void) { dbgalloc_enable_leaks(); }

DBGALLOC_ENTRY void __lsan_ignore_object(const void* address) {
  Ignore(address);
}

DBGALLOC_ENTRY void __lsan_register_root_region(const void* begin,
                                                size_t size) {
  Register(begin, size);
}

DBGALLOC_ENTRY void __lsan_unregister_root_region(const void* begin,
                                                  size_t size) {
  Unregister(begin, size);
}

DBGALLOC_ENTRY void __lsan_do_leak_check(void) {
  SavedRegisters registers;
  SaveRegisters(registers);
  dbgalloc::interpose::CheckLeaksInsteadOfAtExit(DBGALLOC_CALLER_FRAME(),
                                                 registers);
}

DBGALLOC_ENTRY int __lsan_do_recoverable_leak_check(void) {
  SavedRegisters registers;
  SaveRegisters(registers);
  return dbgalloc::interpose::CheckLeaks(
             Operation::kHeapCheck, DBGALLOC_CALLER_FRAME(), registers) == 0
             ? 0
             : 1;
}
