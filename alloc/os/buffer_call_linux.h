// Calls of functions that are handed memory, with what is looked at before and
// after. `next` is the function itself, where a thread may be cancelled:
// nothing is held around it.
#ifndef DBGALLOC_ALLOC_OS_BUFFER_CALL_LINUX_H_
#define DBGALLOC_ALLOC_OS_BUFFER_CALL_LINUX_H_

#include <stdio.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>

#include <cstddef>

#include "alloc/os/buffer_watch.h"

namespace dbgalloc::os {

// Null: nobody looks.
BufferWatch CurrentBufferWatch();

// One call of such a function. Keeps errno.
class BufferCall {
 public:
  BufferCall(const char* function, void* return_address, void* stack_pointer,
             void* frame);

  // Whether anybody looks; else all of this may be left out.
  bool is_watched() const { return watch_ != nullptr; }

  // The function is going to read, or to fill, the memory. False: something is
  // wrong with it.
  bool Reads(const void* buffer, size_t size) const;
  bool Fills(const void* buffer, size_t size) const;

  // It filled so many bytes, or tried to.
  void Filled(const void* buffer, size_t size) const;
  // It was to fill so many, and refuses.
  void Refused(const void* buffer, size_t size) const;

 private:
  bool Look(const void* buffer, size_t size, bool is_filled,
            bool is_done) const;

  BufferWatch watch_;
  BufferUse use_;
};

using FillItemsFunction = size_t(void*, size_t, size_t, FILE*);
using ReadItemsFunction = size_t(const void*, size_t, size_t, FILE*);

// Where in a file a call begins, if it does not say.
inline constexpr off64_t kCurrentOffset = -1;

// Parts of a buffer; none where the array is itself in bad memory, which is
// reported, or nothing is looked at.
struct Vector {
  const iovec* parts = nullptr;
  size_t count = 0;
};
Vector VectorOf(const BufferCall& call, const iovec* parts, size_t count);
Vector VectorOf(const BufferCall& call, const msghdr* message);

void WillFill(const BufferCall& call, const Vector& vector);
void WillRead(const BufferCall& call, const Vector& vector);

// After the call, which returned `result`, with errno.
void NoteFilled(const BufferCall& call, int file, off64_t offset, void* buffer,
                size_t size, ssize_t result);
void NoteFilled(const BufferCall& call, int file, off64_t offset,
                const Vector& vector, ssize_t result);

template <typename Function, typename... Rest>
ssize_t Fill(const BufferCall& call, Function* next, off64_t offset, int file,
             void* buffer, size_t size, Rest... rest) {
  call.Fills(buffer, size);
  const ssize_t result = next(file, buffer, size, rest...);
  if (call.is_watched()) NoteFilled(call, file, offset, buffer, size, result);
  return result;
}

template <typename Function, typename... Rest>
ssize_t FillParts(const BufferCall& call, Function* next, off64_t offset,
                  int file, const iovec* parts, int count, Rest... rest) {
  const Vector vector = VectorOf(call, parts, static_cast<size_t>(count));
  WillFill(call, vector);
  const ssize_t result = next(file, parts, count, rest...);
  NoteFilled(call, file, offset, vector, result);
  return result;
}

template <typename Function, typename... Rest>
ssize_t Read(const BufferCall& call, Function* next, int file,
             const void* buffer, size_t size, Rest... rest) {
  call.Reads(buffer, size);
  return next(file, buffer, size, rest...);
}

template <typename Function, typename... Rest>
ssize_t ReadParts(const BufferCall& call, Function* next, int file,
                  const iovec* parts, int count, Rest... rest) {
  WillRead(call, VectorOf(call, parts, static_cast<size_t>(count)));
  return next(file, parts, count, rest...);
}

size_t FillItems(const BufferCall& call, FillItemsFunction* next, void* buffer,
                 size_t size, size_t count, FILE* file);
size_t ReadItems(const BufferCall& call, ReadItemsFunction* next,
                 const void* buffer, size_t size, size_t count, FILE* file);

}  // namespace dbgalloc::os

#endif  // DBGALLOC_ALLOC_OS_BUFFER_CALL_LINUX_H_
