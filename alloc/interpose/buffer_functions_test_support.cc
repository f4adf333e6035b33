#include "alloc/interpose/buffer_functions_test_support.h"

namespace dbgalloc::interpose {
namespace {

msghdr MessageOf(iovec* part) {
  msghdr message = {};
  message.msg_iov = part;
  message.msg_iovlen = 1;
  return message;
}

}  // namespace

const std::vector<Filling>& Fillings() {
  static const std::vector<Filling> all = {
      {"read", [](Files& t, void* b, size_t n) { return read(t.file, b, n); }},
      {"read",
       [](Files& t, void* b, size_t n) { return __read_chk(t.file, b, n, n); }},
      {"pread",
       [](Files& t, void* b, size_t n) { return pread(t.file, b, n, 1); }},
      {"pread", [](Files& t, void* b,
                   size_t n) { return __pread_chk(t.file, b, n, 1, n); }},
      {"pread64",
       [](Files& t, void* b, size_t n) { return pread64(t.file, b, n, 1); }},
      {"pread64", [](Files& t, void* b,
                     size_t n) { return __pread64_chk(t.file, b, n, 1, n); }},
      {"readv",
       [](Files& t, void* b, size_t n) {
         iovec part = PartOf(b, n);
         return readv(t.file, &part, 1);
       }},
      {"preadv",
       [](Files& t, void* b, size_t n) {
         iovec part = PartOf(b, n);
         return preadv(t.file, &part, 1, 1);
       }},
      {"preadv64",
       [](Files& t, void* b, size_t n) {
         iovec part = PartOf(b, n);
         return preadv64(t.file, &part, 1, 1);
       }},
      {"recv",
       [](Files& t, void* b, size_t n) { return recv(t.sockets[1], b, n, 0); }},
      {"recv", [](Files& t, void* b,
                  size_t n) { return __recv_chk(t.sockets[1], b, n, n, 0); }},
      {"recvfrom",
       [](Files& t, void* b, size_t n) {
         return recvfrom(t.sockets[1], b, n, 0, nullptr, nullptr);
       }},
      {"recvfrom",
       [](Files& t, void* b, size_t n) {
         return __recvfrom_chk(t.sockets[1], b, n, n, 0, nullptr, nullptr);
       }},
      {"recvmsg",
       [](Files& t, void* b, size_t n) {
         iovec part = PartOf(b, n);
         msghdr message = MessageOf(&part);
         return recvmsg(t.sockets[1], &message, 0);
       }},
      {"fread",
       [](Files& t, void* b, size_t n) {
         return static_cast<ssize_t>(fread(b, 1, n, t.stream));
       }},
      {"fread",
       [](Files& t, void* b, size_t n) {
         return static_cast<ssize_t>(__fread_chk(b, n, 1, n, t.stream));
       }},
      {"fread_unlocked",
       [](Files& t, void* b, size_t n) {
         return static_cast<ssize_t>(fread_unlocked(b, 1, n, t.stream));
       }},
      {"fread_unlocked",
       [](Files& t, void* b, size_t n) {
         return static_cast<ssize_t>(
             __fread_unlocked_chk(b, n, 1, n, t.stream));
       }},
  };
  return all;
}

const std::vector<Reading>& Readings() {
  static const std::vector<Reading> all = {
      {"write",
       [](Files& t, const void* b, size_t n) { return write(t.file, b, n); }},
      {"pwrite", [](Files& t, const void* b,
                    size_t n) { return pwrite(t.file, b, n, 1); }},
      {"pwrite64", [](Files& t, const void* b,
                      size_t n) { return pwrite64(t.file, b, n, 1); }},
      {"writev",
       [](Files& t, const void* b, size_t n) {
         iovec part = PartOf(b, n);
         return writev(t.file, &part, 1);
       }},
      {"pwritev",
       [](Files& t, const void* b, size_t n) {
         iovec part = PartOf(b, n);
         return pwritev(t.file, &part, 1, 1);
       }},
      {"pwritev64",
       [](Files& t, const void* b, size_t n) {
         iovec part = PartOf(b, n);
         return pwritev64(t.file, &part, 1, 1);
       }},
      {"send", [](Files& t, const void* b,
                  size_t n) { return send(t.sockets[0], b, n, 0); }},
      {"sendto",
       [](Files& t, const void* b, size_t n) {
         return sendto(t.sockets[0], b, n, 0, nullptr, 0);
       }},
      {"sendmsg",
       [](Files& t, const void* b, size_t n) {
         iovec part = PartOf(b, n);
         msghdr message = MessageOf(&part);
         return sendmsg(t.sockets[0], &message, 0);
       }},
      {"fwrite",
       [](Files& t, const void* b, size_t n) {
         return static_cast<ssize_t>(fwrite(b, 1, n, t.stream));
       }},
      {"fwrite_unlocked",
       [](Files& t, const void* b, size_t n) {
         return static_cast<ssize_t>(fwrite_unlocked(b, 1, n, t.stream));
       }},
  };
  return all;
}

}  // namespace dbgalloc::interpose
