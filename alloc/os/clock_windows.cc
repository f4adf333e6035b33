#include "alloc/os/clock.h"
#include "alloc/os/windows_api.h"

namespace dbgalloc::os {

uint64_t MonotonicNanoseconds() {
  LastErrorKeeper keeper;
  constexpr uint64_t kNanosecondsInSecond = 1'000'000'000;
  LARGE_INTEGER frequency, now;
  QueryPerformanceFrequency(&frequency);
  QueryPerformanceCounter(&now);
  const auto ticks = static_cast<uint64_t>(now.QuadPart);
  const auto in_second = static_cast<uint64_t>(frequency.QuadPart);
  return ticks / in_second * kNanosecondsInSecond +
         ticks % in_second * kNanosecondsInSecond / in_second;
}

uint64_t MonotonicTickMilliseconds() { return GetTickCount64(); }

}  // namespace dbgalloc::os
