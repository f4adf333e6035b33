// Makes one mistake with one block, as asked. What must be reported of it,
// model.py knows; the marks at the ends of lines are for it.
//
//   memory_bug KIND ACCESS SIZE ORIGIN PLACE
//
//   KIND    after-free, behind, before, far, double-free, interior-free; fixed:
//           none of these, the same access and the same free as they should be
//   ACCESS  read, write, memcpy, write(2), read(2)
//   ORIGIN  malloc, realloc
//   PLACE   main, thread, child
//
// Prints the address of the block.
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "testdata/bugs/bug.h"

static std::string_view kind;
static std::string_view access_kind;
static size_t size;
static bool is_reallocated;
static int status;

// The library's, whatever the compiler thinks of it.
static void* (*volatile copy)(void*, const void*, size_t) = memcpy;
static char bystander[1 << 20];

[[gnu::noinline]] static char* Allocate() {
  if (!is_reallocated) {
    return static_cast<char*>(malloc(size));  // <- malloc
  }
  void* small = Opaque(malloc(size / 4));
  return static_cast<char*>(realloc(small, size));  // <- realloc
}

[[gnu::noinline]] static void Release(char* block) {
  free(block);  // <- free
  asm volatile("");
}

[[gnu::noinline]] static void ReleaseAgain(char* block) {
  free(block);  // <- wrong free
  asm volatile("");
}

[[gnu::noinline]] static void ReadByte(const volatile char* from) {
  status = *from & 0;  // <- read
}

[[gnu::noinline]] static void WriteByte(volatile char* to) {
  *to = 'x';  // <- write
}

[[gnu::noinline]] static void CopyFrom(const char* from, size_t count) {
  copy(bystander, from, count);  // <- memcpy
  asm volatile("");
}

[[gnu::noinline]] static void WriteOut(const char* from, size_t count) {
  const int file = open("/dev/null", O_WRONLY);
  const ssize_t written = write(file, from, count);  // <- write(2)
  asm volatile("" : : "r"(written));
  close(file);
}

[[gnu::noinline]] static void ReadIn(char* to, size_t count) {
  const int file = memfd_create("zeros", 0);
  const int result = ftruncate(file, static_cast<off_t>(count) + 1);
  const ssize_t filled = read(file, to, count);  // <- read(2)
  asm volatile("" : : "r"(filled), "r"(result));
  close(file);
}

// The bytes [begin, begin + count), all of which a function that takes many is
// given; of those, the last one is the mistake.
static void Access(char* begin, size_t count) {
  if (access_kind == "read") ReadByte(begin + count - 1);
  if (access_kind == "write") WriteByte(begin + count - 1);
  if (access_kind == "memcpy") CopyFrom(begin, count);
  if (access_kind == "write(2)") WriteOut(begin, count);
  if (access_kind == "read(2)") ReadIn(begin, count);
}

static void AccessWrongly(char* block) {
  if (kind == "after-free") Access(block, 1);
  if (kind == "behind") Access(block, size + 1);
  if (kind == "before") Access(block - 1, 1);
  if (kind == "far") Access(block + size + 2000, 1);
}

static void* Run(void*) {
  char* block = Opaque(Allocate());
  memset(block, 'f', size);
  dprintf(STDOUT_FILENO, "%p\n", static_cast<void*>(block));
  if (kind == "fixed") Access(block, size);
  if (kind == "behind" || kind == "before" || kind == "far") {
    AccessWrongly(block);
  }
  if (kind == "interior-free") ReleaseAgain(block + 8);
  Release(Opaque(block));
  if (kind == "after-free") AccessWrongly(block);
  if (kind == "double-free") ReleaseAgain(block);
  return nullptr;
}

static void* RunNamed(void*) {
  pthread_setname_np(pthread_self(), "worker");
  return Run(nullptr);
}

static void RunInThread() {
  pthread_t thread;
  pthread_create(&thread, nullptr, RunNamed, nullptr);
  pthread_join(thread, nullptr);
}

static int RunInChild() {
  const pid_t child = fork();
  if (child == 0) {
    Run(nullptr);
    exit(status);
  }
  int ended = -1;
  waitpid(child, &ended, 0);
  return WEXITSTATUS(ended);
}

int main(int, char** arguments) {
  kind = arguments[1];
  access_kind = arguments[2];
  size = strtoul(arguments[3], nullptr, 10);
  is_reallocated = std::string_view(arguments[4]) == "realloc";
  const std::string_view place = arguments[5];
  if (place == "child") return RunInChild();
  if (place == "thread") RunInThread();
  if (place == "main") Run(nullptr);
  return status;
}
