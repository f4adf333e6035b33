// The writable data of every loaded module, and where the C library keeps each
// thread's own.
#ifndef DBGALLOC_ALLOC_OS_PROGRAM_DATA_H_
#define DBGALLOC_ALLOC_OS_PROGRAM_DATA_H_

#include <cstddef>
#include <cstdint>

namespace dbgalloc::os {

// Calls `visit` for the data segments of the program and of each shared
// library, what was made read-only after relocation included; all is mapped,
// though the program may have made parts inaccessible. Takes the dynamic
// linker's lock, so no other thread may be stopped meanwhile. Returns the
// number of bytes before a thread's descriptor that thread locals of the loaded
// modules take up there.
size_t ForEachDataSegment(void (*visit)(void* context, uintptr_t begin,
                                        uintptr_t end),
                          void* context);

// The calling thread's descriptor: its thread locals end there, and what the
// C library notes of the thread (values of pthread keys, tables of dynamic
// thread locals) begins.
uintptr_t ThreadDescriptor();

// At least the bytes of a descriptor.
inline constexpr size_t kDescriptorSize = 4096;

// Whether a thread's descriptor lies at `address`, aligned, readable for two
// more words: it begins with its own address.
bool LooksLikeDescriptor(uintptr_t address);

// The table of dynamic thread locals that belongs to a descriptor, in memory
// that the dynamic linker allocated and keeps for the next thread.
uintptr_t DynamicLocalsOf(uintptr_t descriptor);

}  // namespace dbgalloc::os

#endif  // DBGALLOC_ALLOC_OS_PROGRAM_DATA_H_
