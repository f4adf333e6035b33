// Calls of the functions that are handed memory, for buffer_functions_test.
#ifndef DBGALLOC_ALLOC_INTERPOSE_BUFFER_FUNCTIONS_TEST_SUPPORT_H_
#define DBGALLOC_ALLOC_INTERPOSE_BUFFER_FUNCTIONS_TEST_SUPPORT_H_

#include <stdio.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <vector>

// What a fortified program calls.
extern "C" {
ssize_t __read_chk(int file, void* buffer, size_t size, size_t room);
ssize_t __pread_chk(int file, void* buffer, size_t size, off_t offset,
                    size_t room);
ssize_t __pread64_chk(int file, void* buffer, size_t size, off64_t offset,
                      size_t room);
ssize_t __recv_chk(int socket, void* buffer, size_t size, size_t room,
                   int flags);
ssize_t __recvfrom_chk(int socket, void* buffer, size_t size, size_t room,
                       int flags, sockaddr* address, socklen_t* address_size);
size_t __fread_chk(void* buffer, size_t room, size_t size, size_t count,
                   FILE* file);
size_t __fread_unlocked_chk(void* buffer, size_t room, size_t size,
                            size_t count, FILE* file);
}

namespace dbgalloc::interpose {

// A file of letters, also as a stream, and two sockets.
struct Files {
  int file = memfd_create("letters", 0);
  FILE* stream = fdopen(dup(file), "r+");
  int sockets[2] = {-1, -1};
};

// Each function that fills memory, or reads it.
struct Filling {
  const char* name;
  ssize_t (*call)(Files& files, void* buffer, size_t size);
};
struct Reading {
  const char* name;
  ssize_t (*call)(Files& files, const void* buffer, size_t size);
};

const std::vector<Filling>& Fillings();
const std::vector<Reading>& Readings();

inline iovec PartOf(const void* buffer, size_t size) {
  return {const_cast<void*>(buffer), size};
}

}  // namespace dbgalloc::interpose

#endif  // DBGALLOC_ALLOC_INTERPOSE_BUFFER_FUNCTIONS_TEST_SUPPORT_H_
