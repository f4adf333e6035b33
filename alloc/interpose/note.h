// One raw line to standard error about the allocator itself.
#ifndef DBGALLOC_ALLOC_INTERPOSE_NOTE_H_
#define DBGALLOC_ALLOC_INTERPOSE_NOTE_H_

#include <cstdint>
#include <string_view>

namespace dbgalloc::interpose {

// "==PID==NOTE: dbgalloc: TEXT". Async-signal-safe, keeps errno.
void WriteNote(std::string_view text);

// The same from verbosity=1 on: for what correct programs do too, such as
// asking for a size that cannot be.
void WriteSizeOverflowNote(std::string_view function, uint64_t count,
                           uint64_t size);

}  // namespace dbgalloc::interpose

#endif  // DBGALLOC_ALLOC_INTERPOSE_NOTE_H_
