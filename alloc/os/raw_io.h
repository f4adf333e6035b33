// Files and descriptors by system calls alone: no buffering, no allocation, no
// locks. Every function here is async-signal-safe and leaves errno as it was.
#ifndef DBGALLOC_ALLOC_OS_RAW_IO_H_
#define DBGALLOC_ALLOC_OS_RAW_IO_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace dbgalloc::os {

inline constexpr int kStandardError = 2;

// Writes all of `text`, going on after EINTR and short writes. False when the
// kernel refused; part of the text may then have been written.
bool WriteAll(int descriptor, std::string_view text);

// Opens for appending, creating with mode 0644, close-on-exec. -1: refused.
int OpenForAppend(const char* path);

// As OpenForAppend, for a file that is not there yet. -1: it is, or refused.
int OpenNew(const char* path);

// As OpenForAppend, but cuts `tail` off a file that ends with it; `cut` says
// whether it did. For documents that grow.
int OpenToContinue(const char* path, std::string_view tail, bool& cut);

// Opens for reading, close-on-exec. -1: refused.
int OpenForReading(const char* path);

// Reads up to `capacity` bytes from where the descriptor stands. Returns how
// many, 0 at the end, -1 when the kernel refused.
std::ptrdiff_t ReadSome(int descriptor, char* buffer, std::size_t capacity);

// Reads a whole file of at most `capacity` bytes. Returns its size, or a
// negative errno value; -EFBIG when the file is longer.
std::ptrdiff_t ReadFile(const char* path, char* buffer, std::size_t capacity);

void Close(int descriptor);

bool IsTerminal(int descriptor);

// Ends the process at once, running no exit handlers.
[[noreturn]] void ExitNow(int status);

// Restores the default action of SIGABRT and raises it (core dump).
[[noreturn]] void AbortNow();

}  // namespace dbgalloc::os

#endif  // DBGALLOC_ALLOC_OS_RAW_IO_H_
