// What ThreadStop keeps of each thread, for both ways of stopping.
#ifndef DBGALLOC_ALLOC_OS_THREAD_STOP_SLOT_H_
#define DBGALLOC_ALLOC_OS_THREAD_STOP_SLOT_H_

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "alloc/os/thread_stop.h"

namespace dbgalloc::os {

// One other thread and how far it has come.
//
//   kWaiting -> kSignalled -> kAnswering -> kAnswered
//        \            \-> kSettled (it did not answer in time)
//         \-> kSettled or kGone
struct ThreadStop::Slot {
  enum State : uint32_t {
    kWaiting,
    kSignalled,
    kAnswering,
    kAnswered,
    kSettled,
    kGone,
  };
  static constexpr size_t kMost = 16384;

  std::atomic<uint32_t> state{kWaiting};
  OtherThread thread;
};

}  // namespace dbgalloc::os

#endif  // DBGALLOC_ALLOC_OS_THREAD_STOP_SLOT_H_
