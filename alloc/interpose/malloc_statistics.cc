// What glibc's malloc tells of itself and lets be tuned, for programs that ask:
// figures are this heap's, tuning changes nothing.
#include <errno.h>
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>

#include "alloc/interpose/heap_calls.h"
#include "alloc/interpose/heap_use.h"
#include "alloc/interpose/pool_calls.h"
#include "alloc/interpose/pool_statistics.h"
#include "alloc/interpose/statistics.h"
#include "alloc/interpose/system_malloc.h"

#define DBGALLOC_ENTRY extern "C" [[gnu::visibility("default"), gnu::noinline]]

namespace dbgalloc::interpose {
namespace {

struct ClassTable {
  debug::ClassStatistics classes[debug::kMostClasses];
  size_t count = 0;
};

// Null: this process's malloc is the C library's own, or not yet any.
DebugHeap* HeapOrSystem() {
  return Start() == Stage::kDebug ? HeapIfOpen() : nullptr;
}

// The C library's own function, called where it serves malloc.
template <typename Function, typename... Arguments>
auto CallSystem(const char* name, Arguments... arguments)
    -> decltype((*static_cast<Function*>(nullptr))(arguments...)) {
  auto function = reinterpret_cast<Function*>(
      Start() == Stage::kSystem ? SystemFunction(name) : nullptr);
  using Result = decltype((*function)(arguments...));
  return function == nullptr ? Result() : (*function)(arguments...);
}

// glibc's words: an arena is memory for small blocks, `hblk` are large ones.
struct mallinfo2 Figures(DebugHeap& heap) {
  HeapUse use;
  debug::HeapStatistics statistics = heap.GetStatistics();
  ClassTable table;
  table.count = heap.GetClassStatistics(table.classes, debug::kMostClasses);
  struct mallinfo2 figures = {};
  for (size_t i = 0; i < table.count; ++i) {
    const debug::ClassStatistics& figure = table.classes[i];
    if (figure.capacity == 0) {
      figures.hblks = figure.spans;
      figures.hblkhd = figure.live_bytes;
    } else {
      figures.ordblks += figure.freed_blocks;
    }
  }
  figures.uordblks = statistics.live_bytes - figures.hblkhd;
  figures.fordblks = statistics.quarantine_bytes;
  figures.arena = figures.uordblks + figures.fordblks;
  return figures;
}

// Null unless allocator=pool.
pool::PoolHeap* ServingPool() {
  return Start() == Stage::kPool ? runtime.pool.load(std::memory_order_acquire)
                                 : nullptr;
}

// Of the heap or the pool that serves. False: it is the C library's.
bool KnowFigures(struct mallinfo2* figures) {
  DebugHeap* heap = HeapOrSystem();
  pool::PoolHeap* pool = ServingPool();
  if (heap == nullptr && pool == nullptr) return false;
  *figures = heap != nullptr ? Figures(*heap) : FiguresOf(*pool);
  return true;
}

// mallinfo counts in int.
int Cut(size_t value) {
  return value > INT32_MAX ? INT32_MAX : static_cast<int>(value);
}

}  // namespace
}  // namespace dbgalloc::interpose

using namespace dbgalloc::interpose;  // NOLINT: the entry points stand outside

DBGALLOC_ENTRY struct mallinfo2 mallinfo2(void) {
  struct mallinfo2 figures = {};
  if (KnowFigures(&figures)) return figures;
  return CallSystem<struct mallinfo2()>("mallinfo2");
}

DBGALLOC_ENTRY struct mallinfo mallinfo(void) {
  struct mallinfo2 wide = {};
  if (!KnowFigures(&wide)) return CallSystem<struct mallinfo()>("mallinfo");
  struct mallinfo figures = {};
  figures.arena = Cut(wide.arena);
  figures.ordblks = Cut(wide.ordblks);
  figures.hblks = Cut(wide.hblks);
  figures.hblkhd = Cut(wide.hblkhd);
  figures.uordblks = Cut(wide.uordblks);
  figures.fordblks = Cut(wide.fordblks);
  return figures;
}

DBGALLOC_ENTRY void malloc_stats(void) {
  DebugHeap* heap = HeapOrSystem();
  dbgalloc::pool::PoolHeap* pool = ServingPool();
  dbgalloc::interpose::HeapUse use;
  if (pool != nullptr) return PrintPoolStatistics(*pool);
  if (heap == nullptr) return CallSystem<void()>("malloc_stats");
  PrintStatistics(*heap);
}

// The document of glibc's version 1, one heap in it.
DBGALLOC_ENTRY int malloc_info(int options, FILE* stream) {
  if (options != 0) return EINVAL;
  struct mallinfo2 figures = {};
  if (!KnowFigures(&figures)) {
    return CallSystem<int(int, FILE*)>("malloc_info", options, stream);
  }
  fprintf(stream,
          "<malloc version=\"1\">\n<heap nr=\"0\">\n"
          "<total type=\"rest\" count=\"%zu\" size=\"%zu\"/>\n"
          "<system type=\"current\" size=\"%zu\"/>\n"
          "</heap>\n"
          "<total type=\"rest\" count=\"%zu\" size=\"%zu\"/>\n"
          "<total type=\"mmap\" count=\"%zu\" size=\"%zu\"/>\n"
          "<system type=\"current\" size=\"%zu\"/>\n"
          "</malloc>\n",
          figures.ordblks, figures.fordblks, figures.arena, figures.ordblks,
          figures.fordblks, figures.hblks, figures.hblkhd,
          figures.arena + figures.hblkhd);
  return 0;
}

// Freed memory outside the quarantine was given back already, and what is in
// it waits there so that late writes are found: there is nothing to trim. The
// pool gives back what it holds.
DBGALLOC_ENTRY int malloc_trim(size_t pad) {
  if (ServingPool() != nullptr) {
    return ReleasePoolMemory(DBGALLOC_CALLER_FRAME()) != 0 ? 1 : 0;
  }
  if (HeapOrSystem() == nullptr)
    return CallSystem<int(size_t)>("malloc_trim", pad);
  return 0;
}

// Every value is accepted, as by glibc, and none has a meaning here.
DBGALLOC_ENTRY int mallopt(int parameter, int value) {
  if (ServingPool() != nullptr) return 1;
  if (HeapOrSystem() == nullptr) {
    return CallSystem<int(int, int)>("mallopt", parameter, value);
  }
  return 1;
}
