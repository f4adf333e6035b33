#include "alloc/interpose/runtime.h"

#include "alloc/base/state_shield.h"
#include "alloc/debug/protected_metadata.h"
#include "alloc/debug/self_test.h"
#include "alloc/debug/system_host.h"
#include "alloc/interpose/banner.h"
#include "alloc/interpose/buffer_check.h"
#include "alloc/interpose/fork_handlers.h"
#include "alloc/interpose/induced_failures.h"
#include "alloc/interpose/note.h"
#include "alloc/interpose/pool_calls.h"
#include "alloc/interpose/system_malloc.h"
#include "alloc/interpose/thread_exit.h"
#include "alloc/os/env.h"
#include "alloc/os/errno_keeper.h"
#include "alloc/os/raw_io.h"
#include "alloc/report/glog_bridge.h"
#include "alloc/report/reporter.h"
#include "dbgalloc/page_allocator.h"

namespace dbgalloc::interpose {

constinit Runtime runtime;

namespace {

debug::HeapHost ProcessHost(const Options& options) {
  debug::HeapHost host = debug::SystemHost(options);
  host.sink = &report::DefaultErrorSink();
  host.metadata = debug::ProtectedMetadata(options);
  return host;
}

// Without a heap the program is better off with the C library's allocator than
// with none.
Stage StartSystem() {
  if (SystemMallocIsAvailable()) return Stage::kSystem;
  WriteNote("this program has no malloc of the C library, being fully static");
  os::ExitNow(2);
}

Stage StartDebug(const Options& options) {
  debug::HeapHost host = ProcessHost(options);
  base::ScopedOpenState open;
  debug::DebugHeap* heap =
      debug::DebugHeap::Create(SystemPages(), options, host);
  if (heap == nullptr) {
    WriteNote("no memory for the heap; the C library's malloc serves instead");
    return StartSystem();
  }
  if (options.self_test) debug::SelfTestOrExit(options);
  if (options.safety && options.check_buffers) CheckBuffers();
  runtime.heap.store(heap, std::memory_order_release);
  report::GlobalReporter().ExpectFinish();
  report::GlobalReporter().LoadSuppressions(options);
  if (host.metadata != nullptr) {
    LookAtEachCall();  // to open the state for it
  } else {
    runtime.direct_heap.store(heap, std::memory_order_release);
  }
  return Stage::kDebug;
}

// How many look at each call now.
constinit std::atomic<int> lookers{0};

Stage StartPool(const Options& options) {
  pool::PoolHeap* pool = CreateProcessPool(options);
  if (pool == nullptr) {
    WriteNote("no memory for the pool; the C library's malloc serves instead");
    return StartSystem();
  }
  runtime.pool.store(pool, std::memory_order_release);
  if (lookers.load() == 0) OpenFastPool();
  report::GlobalReporter().ExpectFinish();
  report::GlobalReporter().LoadSuppressions(options);
  return Stage::kPool;
}

Stage StartChosen(const Options& options) {
  switch (options.allocator.value()) {
    case AllocatorChoice::kSystem:
      return StartSystem();
    case AllocatorChoice::kPool:
      return StartPool(options);
    case AllocatorChoice::kDebug:
      break;
  }
  return StartDebug(options);
}

// A dynamic linker calls nobody before the C library can be used, apart from
// the environment.
bool LibraryIsReady() {
  if (runtime.constructors_run.load(std::memory_order_relaxed)) return true;
  return os::EnvironmentIsKnown() && os::HasDynamicLinker();
}

}  // namespace

void LookAtEachCall() {
  lookers.fetch_add(1);
  runtime.direct_heap.store(nullptr);
  CloseFastPool();
}

// Whoever begins to look between the two stores is seen by the second load.
void StopLooking() {
  if (lookers.fetch_sub(1) > 1) return;
  runtime.direct_heap.store(runtime.heap.load());
  OpenFastPool();
  if (lookers.load() == 0) return;
  runtime.direct_heap.store(nullptr);
  CloseFastPool();
}

Stage Start() {
  Stage stage = runtime.stage.load(std::memory_order_acquire);
  if (stage != Stage::kUnstarted) return stage;
  if (!LibraryIsReady()) return Stage::kUnstarted;
  if (!runtime.stage.compare_exchange_strong(stage, Stage::kStarting)) {
    return stage;
  }
  os::ErrnoKeeper keeper;
  base::ScopedInsideHeap inside;
  const Options& options = Options::FromEnvironment();
  InstallForkHandlers();
  InstallThreadExit();
  report::NoteMainIsAhead();
  stage = StartChosen(options);
  induced_failures.OnStart(options);
  WriteBanner(options);
  runtime.stage.store(stage, std::memory_order_release);
  return stage;
}

}  // namespace dbgalloc::interpose
