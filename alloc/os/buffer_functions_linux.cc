// The functions of glibc that hand memory to the kernel, those that a fortified
// program calls included. Each does what the one behind it does; all are places
// where a thread may be cancelled, so they hold nothing.
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <atomic>

#include "alloc/os/buffer_call_linux.h"
#include "alloc/os/next_function_linux.h"

#define DBGALLOC_ENTRY extern "C" [[gnu::visibility("default"), gnu::noinline]]
// The call of the entry point in which this stands, which keeps a frame
// pointer.
#define DBGALLOC_CALL_OF(name)                                         \
  BufferCall(name, __builtin_return_address(0), __builtin_dwarf_cfa(), \
             __builtin_frame_address(0))
#define DBGALLOC_CALL() DBGALLOC_CALL_OF(__func__)

// What the C library calls them inside, in static programs too.
extern "C" {
ssize_t __read(int file, void* buffer, size_t size);
ssize_t __write(int file, const void* buffer, size_t size);
ssize_t __pread64(int file, void* buffer, size_t size, off64_t offset);
ssize_t __pwrite64(int file, const void* buffer, size_t size, off64_t offset);
size_t _IO_fread(void* buffer, size_t size, size_t count, FILE* file);
size_t _IO_fwrite(const void* buffer, size_t size, size_t count, FILE* file);
[[noreturn]] void __chk_fail();
}

namespace dbgalloc::os {
namespace {

// Functions that have no such name: the call of the kernel itself.
template <long kNumber, typename... Arguments>
ssize_t CallKernel(Arguments... arguments) {
  return syscall(kNumber, arguments...);
}

ssize_t ReceiveDirectly(int socket, void* buffer, size_t size, int flags) {
  return syscall(SYS_recvfrom, socket, buffer, size, flags, nullptr, nullptr);
}

ssize_t SendDirectly(int socket, const void* buffer, size_t size, int flags) {
  return syscall(SYS_sendto, socket, buffer, size, flags, nullptr, 0);
}

using FillFunction = ssize_t(int, void*, size_t);
using FillAtFunction = ssize_t(int, void*, size_t, off64_t);
using ReadFunction = ssize_t(int, const void*, size_t);
using ReadAtFunction = ssize_t(int, const void*, size_t, off64_t);
using VectorFunction = ssize_t(int, const iovec*, int);
using VectorAtFunction = ssize_t(int, const iovec*, int, off64_t);

constinit NextFunction<FillFunction> next_read("read", __read);
constinit NextFunction<FillAtFunction> next_pread("pread64", __pread64);
constinit NextFunction<VectorFunction> next_readv(
    "readv", CallKernel<SYS_readv, int, const iovec*, int>);
constinit NextFunction<VectorAtFunction> next_preadv(
    "preadv64", CallKernel<SYS_preadv, int, const iovec*, int, off64_t>);
constinit NextFunction<ssize_t(int, void*, size_t, int)> next_recv(
    "recv", ReceiveDirectly);
constinit NextFunction<ssize_t(int, void*, size_t, int, sockaddr*, socklen_t*)>
    next_recvfrom("recvfrom", CallKernel<SYS_recvfrom, int, void*, size_t, int,
                                         sockaddr*, socklen_t*>);
constinit NextFunction<ssize_t(int, msghdr*, int)> next_recvmsg(
    "recvmsg", CallKernel<SYS_recvmsg, int, msghdr*, int>);
constinit NextFunction<ReadFunction> next_write("write", __write);
constinit NextFunction<ReadAtFunction> next_pwrite("pwrite64", __pwrite64);
constinit NextFunction<VectorFunction> next_writev(
    "writev", CallKernel<SYS_writev, int, const iovec*, int>);
constinit NextFunction<VectorAtFunction> next_pwritev(
    "pwritev64", CallKernel<SYS_pwritev, int, const iovec*, int, off64_t>);
constinit NextFunction<ssize_t(int, const void*, size_t, int)> next_send(
    "send", SendDirectly);
constinit NextFunction<ssize_t(int, const void*, size_t, int, const sockaddr*,
                               socklen_t)>
    next_sendto("sendto", CallKernel<SYS_sendto, int, const void*, size_t, int,
                                     const sockaddr*, socklen_t>);
constinit NextFunction<ssize_t(int, const msghdr*, int)> next_sendmsg(
    "sendmsg", CallKernel<SYS_sendmsg, int, const msghdr*, int>);
constinit NextFunction<size_t(void*, size_t, size_t, FILE*)> next_fread(
    "fread", _IO_fread);
constinit NextFunction<size_t(void*, size_t, size_t, FILE*)>
    next_fread_unlocked("fread_unlocked", _IO_fread);
constinit NextFunction<size_t(const void*, size_t, size_t, FILE*)> next_fwrite(
    "fwrite", _IO_fwrite);
constinit NextFunction<size_t(const void*, size_t, size_t, FILE*)>
    next_fwrite_unlocked("fwrite_unlocked", _IO_fwrite);

// A fortified program says how large the compiler saw the memory to be. Too
// much ends it, but first the block is looked at, which says more.
void WantRoom(const BufferCall& call, const void* buffer, size_t size,
              size_t room) {
  if (size <= room) return;
  call.Refused(buffer, size);
  __chk_fail();
}

void WantRoom(const BufferCall& call, const void* buffer, size_t size,
              size_t count, size_t room) {
  size_t bytes = 0;
  if (__builtin_mul_overflow(size, count, &bytes)) bytes = SIZE_MAX;
  WantRoom(call, buffer, bytes, room);
}

void FindFunctions() {
  next_read.Get();
  next_pread.Get();
  next_readv.Get();
  next_preadv.Get();
  next_recv.Get();
  next_recvfrom.Get();
  next_recvmsg.Get();
  next_write.Get();
  next_pwrite.Get();
  next_writev.Get();
  next_pwritev.Get();
  next_send.Get();
  next_sendto.Get();
  next_sendmsg.Get();
  next_fread.Get();
  next_fread_unlocked.Get();
  next_fwrite.Get();
  next_fwrite_unlocked.Get();
}

constinit std::atomic<BufferWatch> buffer_watch{nullptr};

}  // namespace

BufferWatch CurrentBufferWatch() {
  return buffer_watch.load(std::memory_order_acquire);
}

void WatchBuffers(BufferWatch watch) {
  FindFunctions();
  buffer_watch.store(watch, std::memory_order_release);
}

}  // namespace dbgalloc::os

using namespace dbgalloc::os;  // NOLINT: the entry points stand outside

// --- filled by the kernel ---

DBGALLOC_ENTRY ssize_t read(int file, void* buffer, size_t size) {
  return Fill(DBGALLOC_CALL(), next_read.Get(), kCurrentOffset, file, buffer,
              size);
}

DBGALLOC_ENTRY ssize_t pread(int file, void* buffer, size_t size,
                             off_t offset) {
  return Fill(DBGALLOC_CALL(), next_pread.Get(), offset, file, buffer, size,
              offset);
}

DBGALLOC_ENTRY ssize_t pread64(int file, void* buffer, size_t size,
                               off64_t offset) {
  return Fill(DBGALLOC_CALL(), next_pread.Get(), offset, file, buffer, size,
              offset);
}

DBGALLOC_ENTRY ssize_t readv(int file, const iovec* parts, int count) {
  return FillParts(DBGALLOC_CALL(), next_readv.Get(), kCurrentOffset, file,
                   parts, count);
}

DBGALLOC_ENTRY ssize_t preadv(int file, const iovec* parts, int count,
                              off_t offset) {
  return FillParts(DBGALLOC_CALL(), next_preadv.Get(), offset, file, parts,
                   count, offset);
}

DBGALLOC_ENTRY ssize_t preadv64(int file, const iovec* parts, int count,
                                off64_t offset) {
  return FillParts(DBGALLOC_CALL(), next_preadv.Get(), offset, file, parts,
                   count, offset);
}

DBGALLOC_ENTRY ssize_t recv(int socket, void* buffer, size_t size, int flags) {
  return Fill(DBGALLOC_CALL(), next_recv.Get(), kCurrentOffset, socket, buffer,
              size, flags);
}

DBGALLOC_ENTRY ssize_t recvfrom(int socket, void* buffer, size_t size,
                                int flags, sockaddr* address,
                                socklen_t* address_size) {
  return Fill(DBGALLOC_CALL(), next_recvfrom.Get(), kCurrentOffset, socket,
              buffer, size, flags, address, address_size);
}

DBGALLOC_ENTRY ssize_t recvmsg(int socket, msghdr* message, int flags) {
  const BufferCall call = DBGALLOC_CALL();
  const Vector vector = VectorOf(call, message);
  WillFill(call, vector);
  const ssize_t result = next_recvmsg.Get()(socket, message, flags);
  NoteFilled(call, socket, kCurrentOffset, vector, result);
  return result;
}

DBGALLOC_ENTRY size_t fread(void* buffer, size_t size, size_t count,
                            FILE* file) {
  return FillItems(DBGALLOC_CALL(), next_fread.Get(), buffer, size, count,
                   file);
}

DBGALLOC_ENTRY size_t fread_unlocked(void* buffer, size_t size, size_t count,
                                     FILE* file) {
  return FillItems(DBGALLOC_CALL(), next_fread_unlocked.Get(), buffer, size,
                   count, file);
}

// --- read by the kernel ---

DBGALLOC_ENTRY ssize_t write(int file, const void* buffer, size_t size) {
  return Read(DBGALLOC_CALL(), next_write.Get(), file, buffer, size);
}

DBGALLOC_ENTRY ssize_t pwrite(int file, const void* buffer, size_t size,
                              off_t offset) {
  return Read(DBGALLOC_CALL(), next_pwrite.Get(), file, buffer, size, offset);
}

DBGALLOC_ENTRY ssize_t pwrite64(int file, const void* buffer, size_t size,
                                off64_t offset) {
  return Read(DBGALLOC_CALL(), next_pwrite.Get(), file, buffer, size, offset);
}

DBGALLOC_ENTRY ssize_t writev(int file, const iovec* parts, int count) {
  return ReadParts(DBGALLOC_CALL(), next_writev.Get(), file, parts, count);
}

DBGALLOC_ENTRY ssize_t pwritev(int file, const iovec* parts, int count,
                               off_t offset) {
  return ReadParts(DBGALLOC_CALL(), next_pwritev.Get(), file, parts, count,
                   offset);
}

DBGALLOC_ENTRY ssize_t pwritev64(int file, const iovec* parts, int count,
                                 off64_t offset) {
  return ReadParts(DBGALLOC_CALL(), next_pwritev.Get(), file, parts, count,
                   offset);
}

DBGALLOC_ENTRY ssize_t send(int socket, const void* buffer, size_t size,
                            int flags) {
  return Read(DBGALLOC_CALL(), next_send.Get(), socket, buffer, size, flags);
}

DBGALLOC_ENTRY ssize_t sendto(int socket, const void* buffer, size_t size,
                              int flags, const sockaddr* address,
                              socklen_t address_size) {
  return Read(DBGALLOC_CALL(), next_sendto.Get(), socket, buffer, size, flags,
              address, address_size);
}

DBGALLOC_ENTRY ssize_t sendmsg(int socket, const msghdr* message, int flags) {
  const BufferCall call = DBGALLOC_CALL();
  WillRead(call, VectorOf(call, message));
  return next_sendmsg.Get()(socket, message, flags);
}

DBGALLOC_ENTRY size_t fwrite(const void* buffer, size_t size, size_t count,
                             FILE* file) {
  return ReadItems(DBGALLOC_CALL(), next_fwrite.Get(), buffer, size, count,
                   file);
}

DBGALLOC_ENTRY size_t fwrite_unlocked(const void* buffer, size_t size,
                                      size_t count, FILE* file) {
  return ReadItems(DBGALLOC_CALL(), next_fwrite_unlocked.Get(), buffer, size,
                   count, file);
}

// --- what fortified programs call; no header declares them ---

extern "C" {

[[gnu::visibility("default"), gnu::noinline]] ssize_t __read_chk(int file,
                                                                 void* buffer,
                                                                 size_t size,
                                                                 size_t room) {
  const BufferCall call = DBGALLOC_CALL_OF("read");
  WantRoom(call, buffer, size, room);
  return Fill(call, next_read.Get(), kCurrentOffset, file, buffer, size);
}

[[gnu::visibility("default"), gnu::noinline]] ssize_t __pread_chk(
    int file, void* buffer, size_t size, off_t offset, size_t room) {
  const BufferCall call = DBGALLOC_CALL_OF("pread");
  WantRoom(call, buffer, size, room);
  return Fill(call, next_pread.Get(), offset, file, buffer, size, offset);
}

[[gnu::visibility("default"), gnu::noinline]] ssize_t __pread64_chk(
    int file, void* buffer, size_t size, off64_t offset, size_t room) {
  const BufferCall call = DBGALLOC_CALL_OF("pread64");
  WantRoom(call, buffer, size, room);
  return Fill(call, next_pread.Get(), offset, file, buffer, size, offset);
}

[[gnu::visibility("default"), gnu::noinline]] ssize_t __recv_chk(
    int socket, void* buffer, size_t size, size_t room, int flags) {
  const BufferCall call = DBGALLOC_CALL_OF("recv");
  WantRoom(call, buffer, size, room);
  return Fill(call, next_recv.Get(), kCurrentOffset, socket, buffer, size,
              flags);
}

[[gnu::visibility("default"), gnu::noinline]] ssize_t __recvfrom_chk(
    int socket, void* buffer, size_t size, size_t room, int flags,
    sockaddr* address, socklen_t* address_size) {
  const BufferCall call = DBGALLOC_CALL_OF("recvfrom");
  WantRoom(call, buffer, size, room);
  return Fill(call, next_recvfrom.Get(), kCurrentOffset, socket, buffer, size,
              flags, address, address_size);
}

[[gnu::visibility("default"), gnu::noinline]] size_t __fread_chk(
    void* buffer, size_t room, size_t size, size_t count, FILE* file) {
  const BufferCall call = DBGALLOC_CALL_OF("fread");
  WantRoom(call, buffer, size, count, room);
  return FillItems(call, next_fread.Get(), buffer, size, count, file);
}

[[gnu::visibility("default"), gnu::noinline]] size_t __fread_unlocked_chk(
    void* buffer, size_t room, size_t size, size_t count, FILE* file) {
  const BufferCall call = DBGALLOC_CALL_OF("fread_unlocked");
  WantRoom(call, buffer, size, count, room);
  return FillItems(call, next_fread_unlocked.Get(), buffer, size, count, file);
}

}  // extern "C"
