// Allocates wherever a program can: before main, in constructors and
// destructors of static objects, in threads and in what runs at their end, in
// forked children, and in exit handlers. Says "alive to the end" as the very
// last thing; whoever runs it looks for that and for exit status 7.
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <map>
#include <string>
#include <thread>
#include <vector>

#include "dbgalloc/c_api.h"

namespace {

void Require(bool condition, const char* what) {
  if (condition) return;
  fprintf(stderr, "process_life: %s\n", what);
  abort();
}

// Blocks of many sizes, their contents checked when they are freed.
void UseHeap() {
  std::map<int, std::string> texts;
  for (int i = 0; i < 300; ++i)
    texts[i].assign(static_cast<size_t>(i * 7), 'x');
  for (int i = 0; i < 300; i += 3) texts.erase(i);
  for (const auto& [i, text] : texts) {
    Require(text.size() == static_cast<size_t>(i * 7), "contents were lost");
  }
}

char* from_constructor = nullptr;

// Before the constructors of any C++ object.
[[gnu::constructor(101)]] void RunFirst() {
  from_constructor = static_cast<char*>(malloc(100));
  strcpy(from_constructor, "early");
  UseHeap();
}

// After the destructors of all of them, and after the exit handlers.
[[gnu::destructor(101)]] void RunLast() {
  UseHeap();
  free(from_constructor);
  const char kText[] = "alive to the end\n";
  Require(write(1, kText, sizeof(kText) - 1) > 0, "write");
}

struct StaticObject {
  StaticObject() { UseHeap(); }
  ~StaticObject() { UseHeap(); }
  std::vector<std::string> texts{1000, "of a static object"};
};
StaticObject static_object;

struct ThreadObject {
  ~ThreadObject() { UseHeap(); }
  std::string text = std::string(500, 't');
};
thread_local ThreadObject thread_object;

pthread_key_t key;
thread_local int rounds = 0;

// Allocates in each of the rounds that POSIX promises.
void OnThreadEnd(void* value) {
  free(value);
  UseHeap();
  if (++rounds < 4) pthread_setspecific(key, malloc(50));
}

void RunThread() {
  pthread_setspecific(key, malloc(50));
  Require(!thread_object.text.empty(), "thread_local");
  UseHeap();
}

void RunThreads() {
  for (int round = 0; round < 10; ++round) {
    std::vector<std::thread> threads;
    for (int i = 0; i < 10; ++i) threads.emplace_back(RunThread);
    for (std::thread& thread : threads) thread.join();
  }
}

// A thread that was detached and one that is cancelled.
void RunOddThreads() {
  pthread_t cancelled;
  pthread_create(
      &cancelled, nullptr,
      [](void*) -> void* {
        RunThread();
        for (;;) pause();
      },
      nullptr);
  pthread_cancel(cancelled);
  pthread_join(cancelled, nullptr);
}

void RunChild() {
  pid_t child = fork();
  if (child == 0) {
    UseHeap();
    RunThreads();
    exit(7);
  }
  int status = 0;
  Require(waitpid(child, &status, 0) == child, "waitpid");
  Require(WIFEXITED(status) && WEXITSTATUS(status) == 7, "child's status");
}

}  // namespace

int main() {
  Require(dbgalloc_is_active && dbgalloc_is_active(), "not active");
  Require(strcmp(from_constructor, "early") == 0, "early block was lost");
  Require(static_object.texts.size() == 1000, "static object was lost");
  pthread_key_create(&key, &OnThreadEnd);
  atexit(UseHeap);
  UseHeap();
  RunThreads();
  RunOddThreads();
  RunChild();
  Require(dbgalloc_check_heap_now() == 0, "the heap is damaged");
  return 7;
}
