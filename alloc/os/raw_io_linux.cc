#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <termios.h>
#include <unistd.h>

#include "alloc/os/errno_keeper.h"
#include "alloc/os/raw_io.h"
#include "alloc/os/raw_read_at_linux.h"

namespace dbgalloc::os {
namespace {

// The C library's own write, read, open and close are cancellation points: a
// thread that was cancelled would leave the allocator from the middle of it.

ssize_t RawWrite(int descriptor, const void* data, size_t size) {
  return syscall(SYS_write, descriptor, data, size);
}

ssize_t RawRead(int descriptor, void* buffer, size_t size) {
  return syscall(SYS_read, descriptor, buffer, size);
}

int RawOpen(const char* path, int flags) {
  constexpr int kMode = 0644;
  return static_cast<int>(syscall(SYS_openat, AT_FDCWD, path, flags, kMode));
}

void RawClose(int descriptor) { syscall(SYS_close, descriptor); }

// Whether the last bytes of a file are `tail`; `begin` is where they stand.
bool EndsWith(int descriptor, std::string_view tail, off_t& begin) {
  char bytes[64];
  struct stat status;
  const auto size = static_cast<off_t>(tail.size());
  if (tail.size() > sizeof(bytes) || fstat(descriptor, &status) != 0 ||
      !S_ISREG(status.st_mode) || status.st_size < size) {
    return false;
  }
  begin = status.st_size - size;
  const ssize_t got =
      RawReadAt(descriptor, bytes, tail.size(), static_cast<uint64_t>(begin));
  return got == size && std::string_view(bytes, tail.size()) == tail;
}

}  // namespace

bool WriteAll(int descriptor, std::string_view text) {
  ErrnoKeeper keeper;
  while (!text.empty()) {
    ssize_t written = RawWrite(descriptor, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    text = {text.data() + written, text.size() - static_cast<size_t>(written)};
  }
  return true;
}

int OpenForAppend(const char* path) {
  ErrnoKeeper keeper;
  return RawOpen(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC);
}

int OpenNew(const char* path) {
  ErrnoKeeper keeper;
  return RawOpen(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC);
}

int OpenToContinue(const char* path, std::string_view tail, bool& cut) {
  ErrnoKeeper keeper;
  cut = false;
  const int descriptor = RawOpen(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC);
  off_t begin = 0;
  if (descriptor >= 0 && EndsWith(descriptor, tail, begin)) {
    cut = ftruncate(descriptor, begin) == 0;
  }
  return descriptor;
}

int OpenForReading(const char* path) {
  ErrnoKeeper keeper;
  return RawOpen(path, O_RDONLY | O_CLOEXEC);
}

std::ptrdiff_t ReadSome(int descriptor, char* buffer, std::size_t capacity) {
  ErrnoKeeper keeper;
  for (;;) {
    ssize_t got = RawRead(descriptor, buffer, capacity);
    if (got >= 0 || errno != EINTR) return got;
  }
}

std::ptrdiff_t ReadFile(const char* path, char* buffer, std::size_t capacity) {
  ErrnoKeeper keeper;
  // O_NONBLOCK: a pipe without a writer must not hold the program up.
  int descriptor = RawOpen(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) return -errno;
  std::size_t size = 0;
  char beyond;
  for (;;) {
    bool full = size == capacity;
    ssize_t got = full ? RawRead(descriptor, &beyond, 1)
                       : RawRead(descriptor, buffer + size, capacity - size);
    if (got < 0 && errno == EINTR) continue;
    std::ptrdiff_t failure = got < 0 ? -errno : (full && got > 0 ? -EFBIG : 0);
    if (got > 0 && failure == 0) {
      size += static_cast<std::size_t>(got);
      continue;
    }
    RawClose(descriptor);
    return failure != 0 ? failure : static_cast<std::ptrdiff_t>(size);
  }
}

void Close(int descriptor) {
  ErrnoKeeper keeper;
  RawClose(descriptor);
}

bool IsTerminal(int descriptor) {
  ErrnoKeeper keeper;
  struct termios settings;
  return ioctl(descriptor, TCGETS, &settings) == 0;
}

void ExitNow(int status) { _exit(status); }

void AbortNow() {
  signal(SIGABRT, SIG_DFL);
  abort();
}

}  // namespace dbgalloc::os
