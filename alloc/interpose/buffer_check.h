// Memory that the program hands to read(), write() and their like
// (alloc/os/buffer_watch.h), in blocks of the heap.
#ifndef DBGALLOC_ALLOC_INTERPOSE_BUFFER_CHECK_H_
#define DBGALLOC_ALLOC_INTERPOSE_BUFFER_CHECK_H_

namespace dbgalloc::interpose {

// From now on, where the debug heap serves, such memory is checked. Best called
// before there are threads.
void CheckBuffers();

}  // namespace dbgalloc::interpose

#endif  // DBGALLOC_ALLOC_INTERPOSE_BUFFER_CHECK_H_
