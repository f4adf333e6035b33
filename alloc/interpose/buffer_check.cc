#include "alloc/interpose/buffer_check.h"

#include "alloc/interpose/heap_use.h"
#include "alloc/interpose/runtime.h"
#include "alloc/os/buffer_watch.h"

namespace dbgalloc::interpose {
namespace {

bool IsSound(const os::BufferUse& buffer) {
  debug::DebugHeap* heap = HeapIfOpen();
  if (heap == nullptr) return true;
  debug::FaultingAccess access;
  access.address = buffer.begin;
  access.kind = buffer.is_filled ? AccessKind::kWrite : AccessKind::kRead;
  access.at = {buffer.program_counter, buffer.stack_pointer,
               buffer.frame_pointer};
  access.by = buffer.function;
  HeapUse use;
  return heap->CheckBuffer(buffer.size, access, buffer.is_done);
}

}  // namespace

void CheckBuffers() { os::WatchBuffers(&IsSound); }

}  // namespace dbgalloc::interpose
