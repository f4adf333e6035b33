// read, write and their like do what they always did, and report memory that
// is not the program's to hand over.
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <string>
#include <vector>

#include "alloc/interpose/buffer_functions_test_support.h"
#include "gtest/gtest.h"

namespace dbgalloc::interpose {
namespace {

constexpr size_t kSize = 64;

template <typename T>
T* Opaque(T* pointer) {
  asm volatile("" : "+r"(pointer) : : "memory");
  return pointer;
}

// The first line of what a copy of the process says that does this; a report
// ends it. Empty: nothing was said.
template <typename Deed>
std::string ReportOf(Deed deed) {
  int ends[2];
  EXPECT_EQ(pipe(ends), 0);
  const pid_t child = fork();
  if (child == 0) {
    dup2(ends[1], STDERR_FILENO);
    deed();
    _exit(0);
  }
  close(ends[1]);
  std::string text;
  char buffer[4096];
  for (ssize_t got; (got = read(ends[0], buffer, sizeof(buffer))) > 0;) {
    text.append(buffer, static_cast<size_t>(got));
  }
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(status != 0, !text.empty());
  return text.substr(0, text.find('\n'));
}

void ExpectReport(const std::string& report, const std::string& kind,
                  const char* access, const char* function) {
  EXPECT_NE(report.find(kind + ": " + access), std::string::npos) << report;
  const std::string by = std::string(" by ") + function + ",";
  EXPECT_NE(report.find(by), std::string::npos) << report;
}

class BufferFunctionsTest : public testing::Test {
 protected:
  BufferFunctionsTest() : letters_(3 * kSize, 'l') {
    EXPECT_EQ(ftruncate(files_.file, 1 << 20), 0);
    EXPECT_EQ(pwrite(files_.file, letters_.data(), letters_.size(), 0),
              static_cast<ssize_t>(letters_.size()));
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_DGRAM, 0, files_.sockets), 0);
  }
  ~BufferFunctionsTest() override {
    fclose(files_.stream);
    for (int file : {files_.file, files_.sockets[0], files_.sockets[1]}) {
      close(file);
    }
  }

  // All files are at their beginning, and a message is there to receive.
  void Rewind() {
    lseek(files_.file, 0, SEEK_SET);
    rewind(files_.stream);
    char dropped[4 * kSize];
    while (recv(files_.sockets[1], dropped, sizeof(dropped), MSG_DONTWAIT) >=
           0) {
    }
    send(files_.sockets[0], letters_.data(), letters_.size(), 0);
  }
  std::string letters_;
  Files files_;
};

TEST_F(BufferFunctionsTest, WhatIsFilledHasItsBytes) {
  for (const Filling& function : Fillings()) {
    Rewind();
    char* block = Opaque(static_cast<char*>(malloc(kSize)));
    errno = 77;
    EXPECT_EQ(function.call(files_, block, kSize), static_cast<ssize_t>(kSize))
        << function.name;
    EXPECT_EQ(errno, 77) << function.name;
    EXPECT_EQ(std::string(block, kSize), std::string(kSize, 'l'))
        << function.name;
    free(block);
  }
}

TEST_F(BufferFunctionsTest, WhatIsReadIsTaken) {
  for (const Reading& function : Readings()) {
    Rewind();
    char* block = Opaque(static_cast<char*>(malloc(kSize)));
    memset(block, 'r', kSize);
    errno = 77;
    EXPECT_EQ(function.call(files_, block, kSize), static_cast<ssize_t>(kSize))
        << function.name;
    EXPECT_EQ(errno, 77) << function.name;
    free(block);
  }
}

TEST_F(BufferFunctionsTest, FilledAfterFree) {
  for (const Filling& function : Fillings()) {
    Rewind();
    const std::string report = ReportOf([&] {
      char* block = Opaque(static_cast<char*>(malloc(kSize)));
      free(Opaque(block));
      function.call(files_, block, kSize);
    });
    ExpectReport(report, "use-after-free", "write to ", function.name);
  }
}

TEST_F(BufferFunctionsTest, FilledBeyondTheEnd) {
  for (const Filling& function : Fillings()) {
    Rewind();
    const std::string report = ReportOf([&] {
      char* block = Opaque(static_cast<char*>(malloc(kSize)));
      function.call(files_, block, kSize + 1);
    });
    ExpectReport(report, "heap-buffer-overflow", "write to ", function.name);
    EXPECT_NE(report.find("right behind the end"), std::string::npos);
  }
}

TEST_F(BufferFunctionsTest, ReadAfterFree) {
  for (const Reading& function : Readings()) {
    const std::string report = ReportOf([&] {
      char* block = Opaque(static_cast<char*>(malloc(kSize)));
      free(Opaque(block));
      function.call(files_, block, kSize);
    });
    ExpectReport(report, "use-after-free", "read of ", function.name);
  }
}

TEST_F(BufferFunctionsTest, ReadBeyondTheEnd) {
  for (const Reading& function : Readings()) {
    const std::string report = ReportOf([&] {
      char* block = Opaque(static_cast<char*>(malloc(kSize)));
      function.call(files_, block, kSize + 1);
    });
    ExpectReport(report, "heap-buffer-overflow", "read of ", function.name);
  }
}

// What the compiler saw of a buffer is too small: the block says more.
TEST_F(BufferFunctionsTest, AFortifiedCallIsExplainedBeforeItEnds) {
  const std::string report = ReportOf([&] {
    char* block = Opaque(static_cast<char*>(malloc(kSize)));
    EXPECT_EQ(__read_chk(files_.file, block, kSize + 1, kSize), 0);
  });
  ExpectReport(report, "heap-buffer-overflow", "write to ", "read");
}

TEST_F(BufferFunctionsTest, WhatWasNotFilledIsNoOverflow) {
  const off_t end = lseek(files_.file, -10, SEEK_END);
  char* block = Opaque(static_cast<char*>(malloc(10)));
  EXPECT_EQ(read(files_.file, block, 4096), 10);
  EXPECT_EQ(pread(files_.file, block, 4096, end), 10);
  free(block);
}

TEST_F(BufferFunctionsTest, AnArrayOfPartsInFreedMemory) {
  const std::string report = ReportOf([&] {
    iovec* parts = Opaque(static_cast<iovec*>(malloc(2 * sizeof(iovec))));
    free(Opaque(parts));
    EXPECT_EQ(writev(files_.file, parts, 2), -1);
  });
  ExpectReport(report, "use-after-free", "read of ", "writev");
}

TEST_F(BufferFunctionsTest, TheSecondPartOverflows) {
  Rewind();
  const std::string report = ReportOf([&] {
    char first[10];
    char* second = Opaque(static_cast<char*>(malloc(10)));
    iovec parts[] = {PartOf(first, 10), PartOf(second, 11)};
    EXPECT_EQ(readv(files_.file, parts, 2), 21);
  });
  ExpectReport(report, "heap-buffer-overflow", "write to ", "readv");
}

// Memory that is none of the heap's is the kernel's to judge.
TEST_F(BufferFunctionsTest, OtherMemoryIsLeftToTheKernel) {
  void* page =
      mmap(nullptr, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  errno = 0;
  EXPECT_EQ(read(files_.file, page, 10), -1);
  EXPECT_EQ(errno, EFAULT);
  errno = 0;
  EXPECT_EQ(write(files_.sockets[0], page, 10), -1);
  EXPECT_EQ(errno, EFAULT);
  EXPECT_EQ(read(-1, page, 10), -1);
  EXPECT_EQ(errno, EBADF);
  EXPECT_EQ(read(files_.file, nullptr, 0), 0);
  munmap(page, 4096);
}

// A thread that waits in one of them can be cancelled, and its cleanup runs.
TEST_F(BufferFunctionsTest, AThreadIsCancelledInRead) {
  static std::atomic<bool> was_cleaned_up{false};
  pthread_t thread;
  pthread_create(
      &thread, nullptr,
      [](void* socket) -> void* {
        char* block = static_cast<char*>(malloc(kSize));
        pthread_cleanup_push(
            [](void* block) {
              free(block);
              was_cleaned_up = true;
            },
            block);
        const ssize_t count = read(*static_cast<int*>(socket), block, kSize);
        (void)count;
        pthread_cleanup_pop(1);
        return nullptr;
      },
      &files_.sockets[1]);
  pthread_cancel(thread);
  void* result = nullptr;
  pthread_join(thread, &result);
  EXPECT_EQ(result, PTHREAD_CANCELED);
  EXPECT_TRUE(was_cleaned_up);
  // Nothing was held: the heap still serves.
  free(malloc(kSize));
}

}  // namespace
}  // namespace dbgalloc::interpose
