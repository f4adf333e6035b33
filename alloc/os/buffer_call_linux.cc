#include "alloc/os/buffer_call_linux.h"

#include <errno.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alloc/os/errno_keeper.h"
#include "alloc/os/pages.h"

namespace dbgalloc::os {
namespace {

// Whether a file has a byte there. Of pipes and sockets nobody can tell whether
// further bytes were there in time.
bool FileGoesOn(int file, off64_t offset) {
  struct stat status;
  if (fstat(file, &status) != 0 || !S_ISREG(status.st_mode)) return false;
  if (offset == kCurrentOffset) offset = lseek(file, 0, SEEK_CUR);
  return offset >= 0 && offset < status.st_size;
}

// Short of what was asked, at the end of a page and in the middle of a file:
// the memory ended there.
bool MemoryEnded(int file, off64_t offset, const char* stop, size_t count) {
  if (reinterpret_cast<uintptr_t>(stop) % PageSize() != 0) return false;
  ErrnoKeeper keeper;
  if (offset != kCurrentOffset) offset += static_cast<off64_t>(count);
  return FileGoesOn(file, offset);
}

}  // namespace

BufferCall::BufferCall(const char* function, void* return_address,
                       void* stack_pointer, void* frame)
    : watch_(CurrentBufferWatch()) {
  use_.function = function;
  use_.program_counter = reinterpret_cast<uintptr_t>(return_address);
  use_.stack_pointer = reinterpret_cast<uintptr_t>(stack_pointer);
  use_.frame_pointer = *static_cast<uintptr_t*>(frame);
}

bool BufferCall::Look(const void* buffer, size_t size, bool is_filled,
                      bool is_done) const {
  if (watch_ == nullptr || size == 0) return true;
  BufferUse use = use_;
  use.begin = reinterpret_cast<uintptr_t>(buffer);
  use.size = size;
  use.is_filled = is_filled;
  use.is_done = is_done;
  ErrnoKeeper keeper;
  return watch_(use);
}

bool BufferCall::Reads(const void* buffer, size_t size) const {
  return Look(buffer, size, false, false);
}

// How much it fills, only the call will tell.
bool BufferCall::Fills(const void* buffer, size_t size) const {
  return Look(buffer, size == 0 ? 0 : 1, true, false);
}

void BufferCall::Filled(const void* buffer, size_t size) const {
  Look(buffer, size, true, true);
}

void BufferCall::Refused(const void* buffer, size_t size) const {
  Look(buffer, size, true, false);
}

Vector VectorOf(const BufferCall& call, const iovec* parts, size_t count) {
  const bool is_sound = call.is_watched() && parts != nullptr &&
                        count <= IOV_MAX &&
                        call.Reads(parts, count * sizeof(iovec));
  return is_sound ? Vector{parts, count} : Vector{};
}

Vector VectorOf(const BufferCall& call, const msghdr* message) {
  if (message == nullptr || !call.is_watched()) return {};
  if (!call.Reads(message, sizeof(*message))) return {};
  return VectorOf(call, message->msg_iov, message->msg_iovlen);
}

void WillFill(const BufferCall& call, const Vector& vector) {
  for (size_t i = 0; i < vector.count; ++i) {
    call.Fills(vector.parts[i].iov_base, vector.parts[i].iov_len);
  }
}

void WillRead(const BufferCall& call, const Vector& vector) {
  for (size_t i = 0; i < vector.count; ++i) {
    call.Reads(vector.parts[i].iov_base, vector.parts[i].iov_len);
  }
}

void NoteFilled(const BufferCall& call, int file, off64_t offset, void* buffer,
                size_t size, ssize_t result) {
  if (result < 0) {
    if (errno == EFAULT) call.Refused(buffer, size);
    return;
  }
  const size_t count = static_cast<size_t>(result);
  const char* stop = static_cast<char*>(buffer) + count;
  const bool ended =
      count != 0 && count < size && MemoryEnded(file, offset, stop, count);
  call.Filled(buffer, count + (ended ? 1 : 0));
}

void NoteFilled(const BufferCall& call, int file, off64_t offset,
                const Vector& vector, ssize_t result) {
  ssize_t left = result;
  for (size_t i = 0; i < vector.count && left != 0; ++i) {
    const iovec& part = vector.parts[i];
    const bool is_full = left > 0 && static_cast<size_t>(left) >= part.iov_len;
    const ssize_t filled = is_full ? static_cast<ssize_t>(part.iov_len) : left;
    NoteFilled(call, file, offset, part.iov_base, part.iov_len, filled);
    if (left < 0) continue;  // refused: any part may be the one
    left -= filled;
    if (offset != kCurrentOffset) offset += filled;
  }
}

size_t FillItems(const BufferCall& call, FillItemsFunction* next, void* buffer,
                 size_t size, size_t count, FILE* file) {
  size_t bytes = 0;
  if (!call.is_watched() || __builtin_mul_overflow(size, count, &bytes)) {
    return next(buffer, size, count, file);
  }
  call.Fills(buffer, bytes);
  const int errno_before = errno;
  errno = 0;
  const size_t items = next(buffer, size, count, file);
  if (items < count && errno == EFAULT) {
    call.Refused(buffer, bytes);
  } else {
    call.Filled(buffer, items * size);
  }
  if (errno == 0) errno = errno_before;
  return items;
}

size_t ReadItems(const BufferCall& call, ReadItemsFunction* next,
                 const void* buffer, size_t size, size_t count, FILE* file) {
  size_t bytes = 0;
  if (!__builtin_mul_overflow(size, count, &bytes)) call.Reads(buffer, bytes);
  return next(buffer, size, count, file);
}

}  // namespace dbgalloc::os
