#include "alloc/interpose/program_start.h"

#include <stdio.h>

#include "alloc/interpose/heap_use.h"
#include "alloc/interpose/induced_failures.h"
#include "alloc/interpose/pool_statistics.h"
#include "alloc/interpose/process_leaks.h"
#include "alloc/interpose/runtime.h"
#include "alloc/interpose/statistics.h"
#include "alloc/interpose/sweep.h"
#include "alloc/os/errno_keeper.h"
#include "alloc/os/process_end.h"
#include "alloc/report/glog_bridge.h"
#include "alloc/report/reporter.h"
#include "alloc/report/test_xml.h"
#include "dbgalloc/options.h"

namespace dbgalloc::interpose {
namespace {

// Written before the first thread exists.
constinit MainFunction program_main = nullptr;
constinit PlainFunction program_loader_fini = nullptr;

// Registered before anything that main registers, so it runs after that.
int OnExitHandlers(int status) {
  report::NoteExitBegins();
  return status;
}

int MainBetween(int argc, char** argv, char** environment) {
  os::AtProcessEnd(&OnExitHandlers);
  report::NoteMainBegins();
  report::ClaimTestXml();
  WatchLeakSignal();
  induced_failures.OnMain(Options::FromEnvironment());
  BeginSweep();
  return program_main(argc, argv, environment);
}

// Blocks that were never freed have had their redzones verified by nobody. By
// now all destructors have run, so whatever they did is seen.
[[gnu::noinline]] void CheckHeapAtExit() {
  debug::DebugHeap* heap = HeapIfOpen();
  pool::PoolHeap* pool = runtime.pool.load(std::memory_order_acquire);
  if (pool != nullptr && Options::FromEnvironment().print_stats) {
    PrintPoolStatistics(*pool);
  }
  if (heap == nullptr) return;
  os::ErrnoKeeper keeper;
  // A report may end the process here, before exit() gets to this. Without its
  // lock, as exit() does: another thread may hold it for ever.
  fflush_unlocked(stdout);
  HeapUse use;
  // First, since the check may end the process.
  if (Options::FromEnvironment().print_stats) PrintStatistics(*heap);
  heap->CheckHeap(Operation::kExit, DBGALLOC_CALLER_FRAME());
}

[[gnu::noinline]] void LoaderFiniBetween() {
  if (program_loader_fini != nullptr) program_loader_fini();
  CheckHeapAtExit();
  // Last, since destructors free what only they know.
  os::SavedRegisters registers;
  os::SaveRegisters(registers);
  CheckLeaksAtExit(DBGALLOC_CALLER_FRAME(), registers);
  report::GlobalReporter().Finish();
}

}  // namespace

MainFunction MainAround(MainFunction main) {
  program_main = main;
  return &MainBetween;
}

PlainFunction LastFunctionAround(PlainFunction loader_fini) {
  program_loader_fini = loader_fini;
  return &LoaderFiniBetween;
}

}  // namespace dbgalloc::interpose
