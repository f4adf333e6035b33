// Damaged stacks: a walk must stop, and must not touch what is no stack.
#include <gtest/gtest.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <random>

#include "alloc/stack/capture_entry.h"
#include "alloc/stack/unwind.h"

namespace dbgalloc::stack {
namespace {

constexpr size_t kMaxFrames = 256;
constexpr UnwindMethod kMethods[] = {
    UnwindMethod::kFramePointer, UnwindMethod::kTables, UnwindMethod::kAuto};

// Words between two inaccessible pages, filled with a picture of a real stack.
class FakeStack {
 public:
  static constexpr size_t kPages = 2;

  FakeStack() : page_size_(static_cast<size_t>(sysconf(_SC_PAGESIZE))) {
    void* memory = mmap(nullptr, (kPages + 2) * page_size_, PROT_NONE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    base_ = static_cast<char*>(memory);
    mprotect(begin(), size(), PROT_READ | PROT_WRITE);
  }
  ~FakeStack() { munmap(base_, (kPages + 2) * page_size_); }
  FakeStack(const FakeStack&) = delete;
  FakeStack& operator=(const FakeStack&) = delete;

  char* begin() { return base_ + page_size_; }
  size_t size() const { return kPages * page_size_; }
  uintptr_t* words() { return reinterpret_cast<uintptr_t*>(begin()); }
  size_t word_count() const { return size() / sizeof(uintptr_t); }

  // Copies the stack above `from` to the end, with the pointers into the stack
  // moved along. Returns `from` in the copy.
  CallerFrame Copy(const CallerFrame& from) {
    const char* source = reinterpret_cast<const char*>(from.stack_pointer);
    const size_t room = size() / 2;
    char* target = begin() + size() - room;
    const uintptr_t moved = reinterpret_cast<uintptr_t>(target) -
                            reinterpret_cast<uintptr_t>(source);
    for (size_t i = 0; i < room / sizeof(uintptr_t); ++i) {
      uintptr_t word;
      memcpy(&word, source + i * sizeof(word), sizeof(word));
      if (word - from.stack_pointer < room) word += moved;
      memcpy(target + i * sizeof(word), &word, sizeof(word));
    }
    return {from.program_counter, from.stack_pointer + moved,
            from.frame_pointer - from.stack_pointer < room
                ? from.frame_pointer + moved
                : from.frame_pointer};
  }

 private:
  size_t page_size_;
  char* base_;
};

[[gnu::noinline]] int DeepCopy(int depth, FakeStack* stack,
                               CallerFrame* moved) {
  if (depth == 0) {
    *moved = stack->Copy(CallerHere());
    return 1;
  }
  volatile char room[64] = {};
  return DeepCopy(depth - 1, stack, moved) + room[depth % 64];
}

void WalkAll(const CallerFrame& from) {
  for (UnwindMethod method : kMethods) {
    uintptr_t frames[kMaxFrames];
    EXPECT_LE(CaptureStack(from, frames, kMaxFrames, method), kMaxFrames);
  }
}

TEST(DamagedStack, TheCopyItselfIsWalked) {
  FakeStack stack;
  CallerFrame from;
  DeepCopy(30, &stack, &from);
  uintptr_t frames[kMaxFrames];
  EXPECT_GT(CaptureStack(from, frames, kMaxFrames, UnwindMethod::kTables), 15u);
}

TEST(DamagedStack, RandomWordsStopTheWalk) {
  std::mt19937_64 random(20211);
  FakeStack stack;
  for (int round = 0; round < 3000; ++round) {
    CallerFrame from;
    DeepCopy(30, &stack, &from);
    const size_t damages = 1 + random() % 64;
    for (size_t i = 0; i < damages; ++i) {
      stack.words()[random() % stack.word_count()] = random();
    }
    WalkAll(from);
  }
}

// Values that look right are the harder test: addresses of code and of the
// stack, off by a little.
TEST(DamagedStack, PlausibleWordsStopTheWalk) {
  std::mt19937_64 random(20212);
  FakeStack stack;
  for (int round = 0; round < 3000; ++round) {
    CallerFrame from;
    DeepCopy(30, &stack, &from);
    for (size_t i = 0; i < 40; ++i) {
      uintptr_t& target = stack.words()[random() % stack.word_count()];
      const uintptr_t other = stack.words()[random() % stack.word_count()];
      target = other + (random() % 64) - 32;
    }
    WalkAll(from);
  }
}

TEST(DamagedStack, RandomRegistersStopTheWalk) {
  std::mt19937_64 random(20213);
  FakeStack stack;
  for (int round = 0; round < 3000; ++round) {
    CallerFrame from;
    DeepCopy(30, &stack, &from);
    from.frame_pointer = round % 2 == 0
                             ? random()
                             : from.stack_pointer + random() % 16384 - 8192;
    if (round % 3 == 0) from.program_counter += random() % 4096;
    if (round % 7 == 0) from.program_counter = random();
    WalkAll(from);
  }
}

// The window ends where the mapping ends, whatever the frame pointer says.
TEST(DamagedStack, TheLastWordIsTheLastThatIsRead) {
  FakeStack stack;
  CallerFrame from;
  DeepCopy(30, &stack, &from);
  const auto end = reinterpret_cast<uintptr_t>(stack.begin() + stack.size());
  for (uintptr_t frame_pointer = end - 32; frame_pointer < end + 32;
       ++frame_pointer) {
    from.frame_pointer = frame_pointer;
    WalkAll(from);
  }
}

TEST(DamagedStack, AFramePointerThatPointsAtItselfEndsTheWalk) {
  FakeStack stack;
  CallerFrame from;
  DeepCopy(30, &stack, &from);
  from.frame_pointer = from.stack_pointer + 64;
  memcpy(reinterpret_cast<void*>(from.frame_pointer), &from.frame_pointer,
         sizeof(uintptr_t));
  memcpy(reinterpret_cast<void*>(from.frame_pointer + 8), &from.program_counter,
         sizeof(uintptr_t));
  uintptr_t frames[kMaxFrames];
  EXPECT_EQ(CaptureStack(from, frames, kMaxFrames, UnwindMethod::kFramePointer),
            2u);
}

// Damage on the thread's own stack, where nothing is asked of the kernel.
TEST(DamagedStack, OnTheThreadsStackToo) {
  std::mt19937_64 random(20214);
  for (int round = 0; round < 3000; ++round) {
    volatile uintptr_t words[256];
    const auto low = reinterpret_cast<uintptr_t>(&words[0]);
    CallerFrame from = CallerHere();
    for (volatile uintptr_t& word : words) {
      const uint64_t choice = random() % 4;
      word = choice == 0   ? random()
             : choice == 1 ? low + random() % (2 * sizeof(words))
             : choice == 2 ? from.program_counter + random() % 256
                           : from.frame_pointer;
    }
    from.stack_pointer = low;
    from.frame_pointer = low + 8 * (random() % 256);
    WalkAll(from);
  }
}

}  // namespace
}  // namespace dbgalloc::stack
