// Memory that the program hands to read(), write() and their like. A bad buffer
// raises no signal there: the kernel answers EFAULT, or a short count where the
// buffer ends early. So these functions are ours, and somebody may look at what
// they are handed.
//
//   read by the function (write)    all of it before the call
//   filled by the function (read)   its first byte before the call; what was
//                                   filled, or refused, after it
//
// Another thread may rightly free a block as soon as the kernel is done with
// it, so after the call a freed one is no mistake.
#ifndef DBGALLOC_ALLOC_OS_BUFFER_WATCH_H_
#define DBGALLOC_ALLOC_OS_BUFFER_WATCH_H_

#include <cstddef>
#include <cstdint>

namespace dbgalloc::os {

struct BufferUse {
  const char* function = nullptr;  // "read"
  uintptr_t begin = 0;
  size_t size = 0;         // above 0
  bool is_filled = false;  // the function writes to it
  bool is_done = false;    // it has been used, so it may have been freed
  // Of the frame that called the function.
  uintptr_t program_counter = 0;
  uintptr_t stack_pointer = 0;
  uintptr_t frame_pointer = 0;
};

// False: something is wrong with the memory.
using BufferWatch = bool (*)(const BufferUse& use);

// From now on `watch` looks at each. Best called before there are threads: it
// looks up the functions behind ours, and the dynamic linker's lock may be held
// for ever in a forked child.
void WatchBuffers(BufferWatch watch);

}  // namespace dbgalloc::os

#endif  // DBGALLOC_ALLOC_OS_BUFFER_WATCH_H_
