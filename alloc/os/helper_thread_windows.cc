#include "alloc/os/helper_thread.h"
#include "alloc/os/pages.h"
#include "alloc/os/windows_api.h"

namespace dbgalloc::os {
namespace {

struct Start {
  void (*work)(void* argument);
  void* argument;
};

DWORD WINAPI Run(void* argument) {
  const Start start = *static_cast<Start*>(argument);
  ReleasePages(argument, PageSize());
  start.work(start.argument);
  return 0;
}

}  // namespace

bool StartHelperThread(void (*work)(void* argument), void* argument) {
  LastErrorKeeper keeper;
  void* page = MapPages(PageSize(), PageSize());
  if (page == nullptr) return false;
  *static_cast<Start*>(page) = {work, argument};
  const HANDLE thread = CreateThread(nullptr, 0, &Run, page, 0, nullptr);
  if (thread == nullptr) {
    ReleasePages(page, PageSize());
    return false;
  }
  CloseHandle(thread);
  return true;
}

// The timer counts milliseconds; a sleep is not shorter than asked for.
void SleepNanoseconds(uint64_t duration) {
  LastErrorKeeper keeper;
  constexpr uint64_t kNanosecondsInMillisecond = 1'000'000;
  constexpr uint64_t kLongest = INFINITE - 1;
  uint64_t milliseconds =
      (duration + kNanosecondsInMillisecond - 1) / kNanosecondsInMillisecond;
  if (milliseconds > kLongest) milliseconds = kLongest;
  Sleep(static_cast<DWORD>(milliseconds));
}

}  // namespace dbgalloc::os
