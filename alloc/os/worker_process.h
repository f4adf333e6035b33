// A forked child that does some work and sends bytes about it; whoever started
// it sees how it ended.
#ifndef DBGALLOC_ALLOC_OS_WORKER_PROCESS_H_
#define DBGALLOC_ALLOC_OS_WORKER_PROCESS_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace dbgalloc::os {

// For programs above the malloc line: fork() runs the handlers of all
// libraries. Threads: one at a time uses an object.
class WorkerProcess {
 public:
  // Called in the child, which ends when it returns, without exit handlers.
  using Work = void (*)(void* context, const WorkerProcess& self);

  struct Ending {
    int exit_status = -1;  // -1: ended by a signal
    int signal = 0;
  };

  static constexpr ptrdiff_t kTimedOut = -1;

  WorkerProcess() = default;
  ~WorkerProcess();  // kills a child that still runs
  WorkerProcess(const WorkerProcess&) = delete;
  WorkerProcess& operator=(const WorkerProcess&) = delete;

  // False: the kernel refused a process or a pipe.
  bool Start(Work work, void* context);

  // In the child: everything, or the parent is gone.
  void Send(std::string_view bytes) const;

  // In the parent: how many bytes came, 0 when the child has closed its end,
  // kTimedOut when nothing came in time.
  ptrdiff_t Receive(char* buffer, size_t capacity, int milliseconds);

  void Kill();

  // Waits for the end of the child.
  Ending Wait();

 private:
  int process_ = 0;
  int descriptor_ = -1;
};

}  // namespace dbgalloc::os

#endif  // DBGALLOC_ALLOC_OS_WORKER_PROCESS_H_
