// pread() as the kernel has it: the C library's is a cancellation point.
#ifndef DBGALLOC_ALLOC_OS_RAW_READ_AT_LINUX_H_
#define DBGALLOC_ALLOC_OS_RAW_READ_AT_LINUX_H_

#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>

namespace dbgalloc::os {

inline ssize_t RawReadAt(int descriptor, void* buffer, std::size_t size,
                         uint64_t offset) {
  if constexpr (sizeof(long) == sizeof(uint64_t)) {
    return syscall(SYS_pread64, descriptor, buffer, size, offset);
  } else {
    // In two words, the lower one first.
    return syscall(SYS_pread64, descriptor, buffer, size,
                   static_cast<uint32_t>(offset),
                   static_cast<uint32_t>(offset >> 32));
  }
}

}  // namespace dbgalloc::os

#endif  // DBGALLOC_ALLOC_OS_RAW_READ_AT_LINUX_H_
