// Programs that two processes could not run side by side from any point on, as
// their first argument says. Each allocates before, while and after it holds
// what they would share; all of them survive every failure.
#include <fcntl.h>
#include <pthread.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

// Ends the program where there is no memory, with the status of a clean error.
void* Take(size_t size) {
  void* block = std::malloc(size);
  asm volatile("" : "+r"(block) : : "memory");
  if (block == nullptr) _exit(3);
  return block;
}

void Say(int descriptor, const char* text) {
  if (write(descriptor, text, std::strlen(text)) < 0) _exit(4);
}

}  // namespace

// Can do without.
void Try(size_t size) {
  void* block = std::malloc(size);
  asm volatile("" : "+r"(block) : : "memory");
  std::free(block);
}

[[gnu::noinline]] void Before() { Try(11); }
[[gnu::noinline]] void While() { std::free(Take(22)); }
[[gnu::noinline]] void After() { Try(33); }

// Two files, one after the other; the second is only opened later.
int Write() {
  Before();
  int file = open("first.txt", O_WRONLY | O_CREAT | O_TRUNC, 0644);
  Say(file, "one\n");
  While();
  Say(file, "two\n");
  close(file);
  After();
  file = open("second.txt", O_WRONLY | O_CREAT | O_APPEND, 0644);
  Say(file, "once only\n");
  close(file);
  Say(1, "written\n");
  return 0;
}

// Reads its own standard input byte by byte.
int Read() {
  int sum = 0;
  char byte = 0;
  while (read(0, &byte, 1) == 1) {
    if (byte == 'w') Try(22);
    sum = sum * 31 % 1000 + byte;
  }
  char text[32];
  std::snprintf(text, sizeof(text), "%d\n", sum);
  Say(1, text);
  return 0;
}

int Thread() {
  pthread_t thread;
  static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  pthread_mutex_lock(&mutex);
  pthread_create(
      &thread, nullptr,
      [](void*) -> void* {
        pthread_mutex_lock(&mutex);
        return nullptr;
      },
      nullptr);
  While();
  pthread_mutex_unlock(&mutex);
  pthread_join(thread, nullptr);
  return 0;
}

int Socket() {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) return 4;
  While();
  close(ends[0]);
  close(ends[1]);
  return 0;
}

int Lock() {
  const int file = open("/proc/self/exe", O_RDONLY);
  flock(file, LOCK_SH);
  While();
  close(file);
  return 0;
}

int Mapping() {
  void* memory = mmap(nullptr, 4096, PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  While();
  munmap(memory, 4096);
  return 0;
}

int main(int argc, char** argv) {
  const char* which = argc > 1 ? argv[1] : "";
  if (std::strcmp(which, "write") == 0) return Write();
  if (std::strcmp(which, "read") == 0) return Read();
  if (std::strcmp(which, "thread") == 0) return Thread();
  if (std::strcmp(which, "socket") == 0) return Socket();
  if (std::strcmp(which, "lock") == 0) return Lock();
  if (std::strcmp(which, "mapping") == 0) return Mapping();
  return 5;
}
