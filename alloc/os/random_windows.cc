#include "alloc/os/clock.h"
#include "alloc/os/random.h"
#include "alloc/os/windows_api.h"

// RtlGenRandom; it has no declaration.
extern "C" BOOLEAN NTAPI SystemFunction036(void* buffer, ULONG size);

namespace dbgalloc::os {

uint64_t RandomNumber() {
  LastErrorKeeper keeper;
  uint64_t number = 0;
  if (!SystemFunction036(&number, sizeof(number))) {
    number = MonotonicNanoseconds() * 0x9e3779b97f4a7c15;
    number ^= reinterpret_cast<uintptr_t>(&keeper);
  }
  return number == 0 ? 1 : number;
}

}  // namespace dbgalloc::os
