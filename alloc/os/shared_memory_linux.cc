#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alloc/os/errno_keeper.h"
#include "alloc/os/shared_memory.h"

namespace dbgalloc::os {

void* MapSharedMemory(size_t size) {
  ErrnoKeeper keeper;
  void* memory = mmap(nullptr, size, PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  return memory == MAP_FAILED ? nullptr : memory;
}

void* MapSharedFile(const char* path, size_t size) {
  ErrnoKeeper keeper;
  const int file = open(path, O_RDWR | O_CLOEXEC);
  if (file < 0) return nullptr;
  struct stat facts = {};
  void* memory = MAP_FAILED;
  // Touching what lies behind the file's end would be a fault.
  if (fstat(file, &facts) == 0 && static_cast<size_t>(facts.st_size) >= size) {
    memory = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  }
  close(file);
  return memory == MAP_FAILED ? nullptr : memory;
}

void UnmapShared(void* address, size_t size) {
  ErrnoKeeper keeper;
  munmap(address, size);
}

}  // namespace dbgalloc::os
