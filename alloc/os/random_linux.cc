#include <sys/random.h>

#include "alloc/os/clock.h"
#include "alloc/os/errno_keeper.h"
#include "alloc/os/random.h"

namespace dbgalloc::os {

uint64_t RandomNumber() {
  ErrnoKeeper keeper;
  uint64_t number = 0;
  if (getrandom(&number, sizeof(number), GRND_NONBLOCK) != sizeof(number)) {
    number = MonotonicNanoseconds() * 0x9e3779b97f4a7c15;
    number ^= reinterpret_cast<uintptr_t>(&keeper);
  }
  return number == 0 ? 1 : number;
}

}  // namespace dbgalloc::os
