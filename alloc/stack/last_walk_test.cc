// A walk that stops where the last one went by, against the full walk, which is
// the truth here. This file is built with and without frame pointers.
#include "alloc/stack/last_walk.h"

#include <dlfcn.h>
#include <gtest/gtest.h>
#include <setjmp.h>
#include <signal.h>
#include <time.h>
#include <ucontext.h>

#include <algorithm>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "alloc/os/thread.h"
#include "alloc/stack/capture_entry.h"
#include "alloc/stack/stack_depot.h"
#include "alloc/stack/stack_recorder.h"
#include "alloc/stack/trace_hash.h"
#include "alloc/stack/unwind.h"

namespace dbgalloc::stack {
namespace {

constexpr UnwindMethod kMethods[] = {
    UnwindMethod::kFramePointer, UnwindMethod::kTables, UnwindMethod::kAuto};

using Frames = std::vector<uintptr_t>;

Frames FullWalk(const CallerFrame& from, size_t max_frames,
                UnwindMethod method) {
  Frames frames(max_frames);
  frames.resize(CaptureStack(from, frames.data(), max_frames, method));
  return frames;
}

uint32_t HashOf(const Frames& frames) {
  TraceHash hash;
  for (uintptr_t counter : frames) hash.Add(counter);
  return hash.value();
}

// One last walk, asked again and again.
struct Checker {
  // Compares and returns how many frames were not known.
  size_t Check(const CallerFrame& from) {
    const LastWalk::Trace trace = walk->Walk(from, max_frames, {epoch, method},
                                             os::CurrentStackBounds().high);
    const Frames expected = FullWalk(from, max_frames, method);
    const Frames found(trace.frames, trace.frames + trace.count);
    EXPECT_EQ(found, expected);
    EXPECT_EQ(trace.hash.value(), HashOf(expected));
    differences += found == expected ? 0 : 1;
    ++checks;
    known += trace.count - trace.walked;
    return trace.walked;
  }

  std::unique_ptr<LastWalk> walk = std::make_unique<LastWalk>();
  UnwindMethod method = UnwindMethod::kAuto;
  uint64_t epoch = 1;
  size_t max_frames = 16;
  size_t checks = 0;
  size_t differences = 0;
  size_t known = 0;
};

// --- A tree of calls, gone through at random ---

class CallTree {
 public:
  CallTree(Checker& checker, unsigned seed)
      : checker_(checker), random_(seed) {}

  void Run() { Descend(0); }

 private:
  static constexpr int kDeepest = 40;

  bool Chance(unsigned one_in) { return random_() % one_in == 0; }

  [[gnu::noinline]] int Descend(int depth) {
    int result = 0;
    for (int call = 0; call < 3; ++call) {
      if (Chance(2)) checker_.Check(CallerHere());
      if (depth == kDeepest || Chance(3)) continue;
      if (checker_.checks > 3000) return result;
      result += Call(depth + 1) + 1;
    }
    return result;
  }

  int Call(int depth) {
    switch (random_() % 6) {
      case 0:
        return Left(depth);
      case 1:
        return Right(depth);
      case 2:
        return WithAlloca(depth);
      case 3:
        return WithRealignedFrame(depth);
      case 4:
        return SavesRegisters(depth);
      default:
        return Throws(depth);
    }
  }

  // Two of the same shape: only a return address tells them apart.
  [[gnu::noinline]] int Left(int depth) { return Descend(depth) + 1; }
  [[gnu::noinline]] int Right(int depth) { return Descend(depth) + 2; }

  [[gnu::noinline]] int WithAlloca(int depth) {
    const size_t size = 16 + random_() % 4 * 16;
    auto* room = static_cast<volatile char*>(__builtin_alloca(size));
    room[0] = 1;
    return Descend(depth) + room[0];
  }

  [[gnu::noinline]] int WithRealignedFrame(int depth) {
    alignas(64) volatile char room[128];
    room[depth] = 1;
    return Descend(depth) + room[depth];
  }

  [[gnu::noinline]] int SavesRegisters(int depth) {
    asm volatile("" ::: "rbx", "r12", "r13", "r14", "r15");
    return Descend(depth) + 1;
  }

  [[gnu::noinline]] int Throws(int depth) {
    try {
      Descend(depth);
      if (Chance(2)) throw std::runtime_error("on purpose");
    } catch (const std::exception&) {
      checker_.Check(CallerHere());
    }
    return 1;
  }

  Checker& checker_;
  std::mt19937 random_;
};

TEST(LastWalk, IsTheFullWalkInRandomTreesOfCalls) {
  for (UnwindMethod method : kMethods) {
    for (size_t max_frames : {1, 2, 5, 16, 40, 100, 256}) {
      Checker checker;
      checker.method = method;
      checker.max_frames = max_frames;
      for (unsigned seed = 0; checker.checks < 1000; ++seed) {
        CallTree(checker, seed).Run();
      }
      EXPECT_EQ(checker.differences, 0u) << max_frames;
      if (max_frames == 16 && method != UnwindMethod::kFramePointer) {
        EXPECT_GT(checker.known, checker.checks * 5) << "nothing is shared";
      }
    }
  }
}

TEST(LastWalk, FollowsAChangingLengthOfTraces) {
  Checker checker;
  for (unsigned i = 0; i < 300; ++i) {
    checker.max_frames = 1 + i * 7 % 60;
    checker.checks = 2900;
    CallTree(checker, i).Run();
  }
  EXPECT_EQ(checker.differences, 0u);
}

// --- What it shares ---

[[gnu::noinline]] size_t Leaf(Checker& checker) {
  return checker.Check(CallerHere());
}

[[gnu::noinline]] size_t OneCaller(Checker& checker) {
  const size_t walked = Leaf(checker);
  asm volatile("" ::: "memory");
  return walked;
}

[[gnu::noinline]] size_t OtherCaller(Checker& checker) {
  const size_t walked = Leaf(checker);
  asm volatile("" ::: "memory");
  return walked;
}

[[gnu::noinline]] size_t Deep(Checker& checker, int depth, bool other) {
  const size_t walked = depth > 0 ? Deep(checker, depth - 1, other)
                        : other   ? OtherCaller(checker)
                                  : OneCaller(checker);
  asm volatile("" ::: "memory");
  return walked;
}

TEST(LastWalk, AnUnchangedStackIsNotWalked) {
  Checker checker;
  for (int i = 0; i < 4; ++i) {
    const size_t walked = Deep(checker, 30, false);
    EXPECT_EQ(walked, i == 0 ? 16u : 0u);
  }
}

TEST(LastWalk, StopsAtTheFirstFrameThatIsUnchanged) {
  Checker checker;
  Deep(checker, 30, false);
  for (int i = 0; i < 6; ++i) {
    // The leaf's frame looks the same each time; it is its callers that differ,
    // as far as to the second last call of Deep().
    EXPECT_LE(Deep(checker, 30, i % 2 == 0), 3u);
  }
}

TEST(LastWalk, ForgetsWhatWasFoundUnderOtherSettings) {
  Checker checker;
  Deep(checker, 30, false);
  checker.epoch = 2;
  EXPECT_EQ(Deep(checker, 30, false), 16u);
  EXPECT_EQ(Deep(checker, 30, false), 0u);
  checker.method = UnwindMethod::kTables;
  EXPECT_EQ(Deep(checker, 30, false), 16u);
}

// Deeper and deeper: the known frames move out to make room.
TEST(LastWalk, KeepsUpWithAGrowingStack) {
  Checker checker;
  for (int depth = 0; depth < 1000; ++depth) Deep(checker, depth, false);
  EXPECT_EQ(checker.differences, 0u);
  EXPECT_GT(checker.known, 900u * 12);
}

// --- Stacks that are left by other ways than a return ---

jmp_buf way_back;

[[gnu::noinline]] void CheckAndJump(Checker& checker, int depth) {
  if (depth > 0) {
    CheckAndJump(checker, depth - 1);
    asm volatile("" ::: "memory");
    return;
  }
  checker.Check(CallerHere());
  if (checker.checks > 0) longjmp(way_back, 1);
}

TEST(LastWalk, SurvivesLongJumps) {
  Checker checker;
  for (int depth = 0; depth < 30; ++depth) {
    if (setjmp(way_back) == 0) CheckAndJump(checker, depth);
    Deep(checker, depth, depth % 2 == 0);
  }
  EXPECT_EQ(checker.differences, 0u);
}

// --- As the allocator uses it ---

void CheckRecorded(const CallerFrame& from, size_t max_frames) {
  const uint32_t id = RecordStack(from, max_frames, UnwindMethod::kAuto);
  const uintptr_t* frames;
  const size_t count = GlobalStackDepot().Get(id, &frames);
  const Frames expected = FullWalk(from, max_frames, UnwindMethod::kAuto);
  EXPECT_TRUE(count == expected.size() &&
              std::equal(expected.begin(), expected.end(), frames));
}

[[gnu::noinline]] int RecordDeep(int depth) {
  CheckRecorded(CallerHere(), 16);
  const int result = depth > 0 ? RecordDeep(depth - 1) + 1 : 0;
  CheckRecorded(CallerHere(), 16);
  return result;
}

ucontext_t here;
ucontext_t there;

void RunThere() {
  for (int depth = 0;; ++depth) {
    RecordDeep(depth % 20);
    swapcontext(&there, &here);
  }
}

TEST(RecordStack, IsTheFullWalkOnSwitchedStacks) {
  std::vector<char> room(size_t{256} << 10);
  ASSERT_EQ(getcontext(&there), 0);
  there.uc_stack.ss_sp = room.data();
  there.uc_stack.ss_size = room.size();
  there.uc_link = &here;
  makecontext(&there, RunThere, 0);
  for (int depth = 0; depth < 100; ++depth) {
    RecordDeep(depth % 30);
    ASSERT_EQ(swapcontext(&here, &there), 0);
  }
}

// The libraries have the same function in frames of different sizes, and the
// second one is loaded where the first was.
TEST(RecordStack, IsTheFullWalkInALibraryLoadedInPlaceOfAnother) {
  using CallBack = int (*)(void (*callback)(void*), void* context);
  for (int round = 0; round < 4; ++round) {
    for (const char* name : {"small", "large"}) {
      const std::string path =
          std::string("alloc/stack/libclosed_library_") + name + ".so";
      void* library = dlopen(path.c_str(), RTLD_NOW);
      ASSERT_NE(library, nullptr) << dlerror();
      const auto call =
          reinterpret_cast<CallBack>(dlsym(library, "DbgallocTestCallBack"));
      ASSERT_NE(call, nullptr);
      for (int i = 0; i < 3; ++i) {
        call([](void*) { CheckRecorded(CallerHere(), 16); }, nullptr);
      }
      dlclose(library);
      InvalidateUnwindCache();
    }
  }
}

TEST(RecordStack, IsTheFullWalkInSignalHandlersAndBetweenThem) {
  static volatile int handled = 0;
  struct sigaction action = {};
  action.sa_handler = [](int) {
    RecordDeep(handled % 5);
    handled = handled + 1;
  };
  ASSERT_EQ(sigaction(SIGPROF, &action, nullptr), 0);
  timer_t timer;
  sigevent event = {};
  event.sigev_notify = SIGEV_SIGNAL;
  event.sigev_signo = SIGPROF;
  ASSERT_EQ(timer_create(CLOCK_MONOTONIC, &event, &timer), 0);
  const itimerspec often = {{0, 100000}, {0, 100000}};
  ASSERT_EQ(timer_settime(timer, 0, &often, nullptr), 0);
  for (int i = 0; handled < 500 && i < 100000; ++i) RecordDeep(i % 20);
  timer_delete(timer);
  signal(SIGPROF, SIG_IGN);
  EXPECT_GT(handled, 0);
}

// --- Whatever the stack holds ---

// Frame records that lead from one to the next, changed a little between two
// walks; some lead astray.
TEST(LastWalk, IsTheFullWalkOverDamagedStacks) {
  std::mt19937_64 random(20215);
  constexpr size_t kWords = 256;
  for (UnwindMethod method :
       {UnwindMethod::kFramePointer, UnwindMethod::kAuto}) {
    Checker checker;
    checker.method = method;
    volatile uintptr_t words[kWords];
    const auto low = reinterpret_cast<uintptr_t>(&words[0]);
    const CallerFrame caller = CallerHere();
    // Code without tables: the frame pointer leads on in every mode.
    const uintptr_t no_code = uintptr_t{1} << 46;
    for (size_t i = 0; i + 4 <= kWords; i += 4) {
      words[i] = low + (i + 4) * sizeof(uintptr_t);
      words[i + 1] = no_code + i;
    }
    for (int round = 0; round < 20000; ++round) {
      const size_t place = random() % (kWords / 4) * 4;
      switch (random() % 8) {
        case 0:
          words[place] = low + random() % (sizeof(words) + 64);
          break;
        case 1:
          words[place + 1] = random() % 4 == 0 ? 0 : no_code + random() % 9;
          break;
        case 2:
          words[place] = random();
          break;
        default:
          words[place] = low + (place + 4) * sizeof(uintptr_t);
          words[place + 1] = no_code + place;
      }
      CallerFrame from = caller;
      from.program_counter = no_code + random() % 3;
      from.stack_pointer = low + random() % 4 * 4 * sizeof(uintptr_t);
      from.frame_pointer = from.stack_pointer + random() % 2 * 32;
      checker.Check(from);
    }
    EXPECT_EQ(checker.differences, 0u);
    EXPECT_GT(checker.known, checker.checks);
  }
}

}  // namespace
}  // namespace dbgalloc::stack
