// What the stack of a test really is: functions note who called them, and a
// captured trace is compared with their notes.
#ifndef DBGALLOC_ALLOC_STACK_KNOWN_STACK_H_
#define DBGALLOC_ALLOC_STACK_KNOWN_STACK_H_

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace dbgalloc::stack {

// The return addresses of the functions that noted them, outermost first.
inline std::vector<uintptr_t>& KnownReturnAddresses() {
  static thread_local std::vector<uintptr_t> addresses;
  return addresses;
}

// Stands first in a function and notes its caller while it runs.
class NoteCaller {
 public:
  explicit NoteCaller(void* return_address) {
    KnownReturnAddresses().push_back(
        reinterpret_cast<uintptr_t>(return_address));
  }
  ~NoteCaller() { KnownReturnAddresses().pop_back(); }
  NoteCaller(const NoteCaller&) = delete;
  NoteCaller& operator=(const NoteCaller&) = delete;
};

#define DBGALLOC_NOTE_CALLER() \
  const NoteCaller note_caller(__builtin_return_address(0))

// The trace begins in the function that captured it; then come the noted
// callers, each at its place.
inline void ExpectKnownStack(const uintptr_t* frames, size_t count) {
  const std::vector<uintptr_t>& known = KnownReturnAddresses();
  ASSERT_GT(count, known.size());
  for (size_t i = 0; i < known.size(); ++i) {
    ASSERT_EQ(frames[i + 1], known[known.size() - 1 - i]) << "frame " << i + 1;
  }
}

// The same, but code that notes nothing may stand in between.
inline void ExpectKnownStackAmongOthers(const uintptr_t* frames, size_t count) {
  const std::vector<uintptr_t>& known = KnownReturnAddresses();
  size_t found = 0;
  for (size_t i = 0; i < count && found < known.size(); ++i) {
    if (frames[i] == known[known.size() - 1 - found]) ++found;
  }
  EXPECT_EQ(found, known.size());
}

}  // namespace dbgalloc::stack

#endif  // DBGALLOC_ALLOC_STACK_KNOWN_STACK_H_
