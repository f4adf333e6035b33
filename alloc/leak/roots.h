// Where reachability begins: the data of all modules, the live part of every
// stack, registers, thread locals, and what the program registered.
#ifndef DBGALLOC_ALLOC_LEAK_ROOTS_H_
#define DBGALLOC_ALLOC_LEAK_ROOTS_H_

#include <cstddef>
#include <cstdint>

#include "alloc/heap/heap.h"
#include "alloc/leak/foreign_memory.h"
#include "alloc/leak/mark.h"
#include "alloc/leak/word_scan.h"
#include "alloc/os/saved_registers.h"
#include "alloc/os/thread_stop.h"

namespace dbgalloc::leak {

// Which roots a scan follows (the flags use_...).
struct RootRules {
  bool globals = true;
  bool stacks = true;
  bool registers = true;
  bool tls = true;
};

// What is noted before threads are stopped or the process is copied.
struct RootSources {
  RootRules rules;
  os::SavedRegisters caller;        // where the calling thread's scan begins
  uintptr_t caller_descriptor = 0;  // see alloc/os/program_data.h
  bool caller_is_main = true;
  const os::ThreadStop* threads = nullptr;  // null: there are no others
  const Range* segments = nullptr;          // data of the modules
  size_t segment_count = 0;
  size_t local_bytes = 0;          // of thread locals before each descriptor
  const Range* regions = nullptr;  // registered by the program
  size_t region_count = 0;
};

// Pushes the roots. `foreign` is read, but not published yet.
class Roots {
 public:
  Roots(const RootSources& sources, heap::Heap& heap, ForeignMemory& foreign)
      : sources_(sources), heap_(heap), foreign_(foreign) {}

  // Ranges that PushAll() may push.
  size_t most() const;

  // Takes out of `foreign` what is to be looked at in part only.
  void ExcludeFromForeign();
  void PushAll(Mark* mark);
  // Once all that was followed: what the dynamic linker keeps of dead threads.
  void SeeLocalsTables(Mark* mark) const;

 private:
  // One thread, the caller included.
  struct Thread {
    bool is_main = false;
    uintptr_t stack_pointer = 0;  // 0: not known
    uintptr_t descriptor = 0;     // 0: not known
    uintptr_t reach = 0;  // bytes below the stack pointer that may be in use
  };

  static Thread Of(const os::OtherThread& other);
  Thread Caller() const;
  template <typename Visitor>
  void ForEachThread(const Visitor& visit) const;

  // The thread's own stack, as opposed to one that the program made.
  Range NativeStack(const Thread& thread) const;
  Range Locals(const Thread& thread) const;
  Range MadeStack(uintptr_t stack_pointer) const;
  void PushStack(const Thread& thread, Mark* mark) const;
  void PushRegisters(Mark* mark) const;

  const RootSources& sources_;
  heap::Heap& heap_;
  ForeignMemory& foreign_;
};

}  // namespace dbgalloc::leak

#endif  // DBGALLOC_ALLOC_LEAK_ROOTS_H_
