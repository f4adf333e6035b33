// The memory that the state shield covers: one reservation of addresses, used
// from its beginning on, so that one system call can cover all of it.
//
//   | taken ....................... | usable | reserved, not usable yet       |
//   begin                                                                  end
#ifndef DBGALLOC_ALLOC_BASE_SHIELDED_MEMORY_H_
#define DBGALLOC_ALLOC_BASE_SHIELDED_MEMORY_H_

#include <cstddef>
#include <cstdint>

namespace dbgalloc::base {

enum class ShieldMode : uint8_t {
  kOff,
  kKeys,     // each thread opens and closes for itself, by a protection key
  kMprotect  // open to all while any thread is inside; a system call each time
};

// Turns the shield on, once in a process; later calls change nothing. Returns
// how it is on now: kOff, the kernel or the machine refused.
ShieldMode StartShield(ShieldMode wanted);
ShieldMode CurrentShieldMode();

// Zeroed memory, shielded; whole pages. Null: refused, or the shield is off.
// The state is open.
void* TakeShielded(size_t size, size_t alignment);
// Gives it back for others of the same size.
void GiveShielded(void* memory, size_t size);

// Whether an address is in the reservation: a fault there is a stray write to
// the allocator's state.
bool IsShielded(uintptr_t address);

// In the child of a fork, where one thread is left.
void ResetShieldAfterFork();

}  // namespace dbgalloc::base

#endif  // DBGALLOC_ALLOC_BASE_SHIELDED_MEMORY_H_
