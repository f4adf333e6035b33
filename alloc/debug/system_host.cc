#include "alloc/debug/system_host.h"

#include "alloc/os/random.h"
#include "alloc/os/raw_io.h"
#include "alloc/os/thread.h"
#include "alloc/stack/stack_recorder.h"

namespace dbgalloc::debug {
namespace {

template <stack::UnwindMethod kMethod>
uint32_t Record(const CallerFrame& caller, uint32_t max_frames) {
  return stack::RecordStack(caller, max_frames, kMethod);
}

void LogToStandardError(const char* text, size_t size) {
  os::WriteAll(os::kStandardError, {text, size});
}

}  // namespace

HeapHost SystemHost(UnwindMethod method) {
  HeapHost host;
  host.current_thread = os::CurrentThread;
  host.random = os::RandomNumber;
  host.log = LogToStandardError;
  switch (method) {
    case UnwindMethod::kFramePointers:
      host.record_stack = Record<stack::UnwindMethod::kFramePointer>;
      break;
    case UnwindMethod::kDwarf:
      host.record_stack = Record<stack::UnwindMethod::kTables>;
      break;
    case UnwindMethod::kAuto:
      host.record_stack = Record<stack::UnwindMethod::kAuto>;
      break;
  }
  return host;
}

}  // namespace dbgalloc::debug
