#include <string.h>

#include <atomic>

#include "alloc/os/thread.h"
#include "alloc/os/windows_api.h"

namespace dbgalloc::os {
namespace {

constexpr size_t kNameSize = 32;

struct ThreadEntry {
  std::atomic<DWORD> system_id{0};
  char name[kNameSize] = {};  // written by the thread itself
};

constinit ThreadEntry threads[kMaxThreads];
constinit std::atomic<ThreadIndex> thread_count{0};
constinit DWORD main_thread_id = 0;

// The C library's start runs it on the first thread, before anything of the
// program.
[[gnu::constructor]] void NoteMainThread() {
  main_thread_id = GetCurrentThreadId();
}

using GetDescription = HRESULT(WINAPI*)(HANDLE thread, PWSTR* description);

// Systems before 2016 do not name threads. Null there.
GetDescription FindGetDescription() {
  const HMODULE system = GetModuleHandleA("kernel32.dll");
  if (system == nullptr) return nullptr;
  return reinterpret_cast<GetDescription>(
      reinterpret_cast<void*>(GetProcAddress(system, "GetThreadDescription")));
}

bool ReadName(HANDLE thread, char (&name)[kNameSize]) {
  const GetDescription get_description = FindGetDescription();
  PWSTR description = nullptr;
  if (get_description == nullptr || get_description(thread, &description) < 0) {
    return false;
  }
  const int size = WideCharToMultiByte(CP_UTF8, 0, description, -1, name,
                                       kNameSize, nullptr, nullptr);
  LocalFree(description);
  name[size > 0 ? size - 1 : 0] = '\0';
  return size > 0;
}

bool ReadLiveName(DWORD system_id, char (&name)[kNameSize]) {
  const HANDLE thread =
      OpenThread(THREAD_QUERY_LIMITED_INFORMATION, FALSE, system_id);
  if (thread == nullptr) return false;
  const bool was_read = ReadName(thread, name);
  CloseHandle(thread);
  return was_read;
}

}  // namespace

ThreadIndex RegisterCurrentThread() {
  LastErrorKeeper keeper;
  ThreadIndex index = thread_count.fetch_add(1, std::memory_order_relaxed);
  if (index >= kMaxThreads) index = kMaxThreads - 1;
  current_thread_index = index;
  threads[index].system_id.store(GetCurrentThreadId(),
                                 std::memory_order_release);
  return index;
}

std::size_t ThreadName(ThreadIndex thread, char* buffer, std::size_t capacity) {
  LastErrorKeeper keeper;
  if (capacity == 0) return 0;
  char name[kNameSize] = {};
  if (thread < kMaxThreads) {
    memcpy(name, threads[thread].name, kNameSize);
    const DWORD id = threads[thread].system_id.load(std::memory_order_acquire);
    char live[kNameSize] = {};
    if (id != 0 && ReadLiveName(id, live)) memcpy(name, live, kNameSize);
  }
  size_t size = strnlen(name, kNameSize);
  if (size >= capacity) size = capacity - 1;
  memcpy(buffer, name, size);
  buffer[size] = '\0';
  return size;
}

int KernelThreadId(ThreadIndex thread) {
  if (thread >= kMaxThreads) return 0;
  return static_cast<int>(
      threads[thread].system_id.load(std::memory_order_acquire));
}

ThreadIndex FindThread(int kernel_id) {
  const ThreadIndex count = thread_count.load(std::memory_order_acquire);
  for (ThreadIndex i = 0; i < kMaxThreads && i < count; ++i) {
    if (KernelThreadId(i) == kernel_id) return i;
  }
  return kMaxThreads;
}

uintptr_t ThreadDescriptorOf(ThreadIndex) { return 0; }

// The system starts threads by itself.
bool MayHaveThreads() { return true; }

void RememberCurrentThreadName() {
  LastErrorKeeper keeper;
  ThreadEntry& entry = threads[CurrentThread()];
  ReadName(GetCurrentThread(), entry.name);
  entry.system_id.store(0, std::memory_order_release);
}

StackBounds CurrentStackBounds() {
  ULONG_PTR low, high;
  GetCurrentThreadStackLimits(&low, &high);
  return {low, high};
}

// Processes are not forked here.
void ResetThreadsAfterFork() {}

bool IsMainThread() { return GetCurrentThreadId() == main_thread_id; }

void Yield() {
  LastErrorKeeper keeper;
  SwitchToThread();
}

}  // namespace dbgalloc::os
