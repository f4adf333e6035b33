// Many threads on one allocator, and one thread too many.
#include <atomic>
#include <cstring>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include "alloc/debug_allocator_test_support.h"
#include "gtest/gtest.h"

namespace dbgalloc::testing_support {
namespace {

struct Parcel {
  unsigned char* block;
  size_t size;
};

// Where threads leave blocks for others to free.
class Mailbox {
 public:
  void Post(Parcel parcel) {
    std::lock_guard<std::mutex> holder(mutex_);
    parcels_.push_back(parcel);
  }
  bool Take(Parcel* parcel) {
    std::lock_guard<std::mutex> holder(mutex_);
    if (parcels_.empty()) return false;
    *parcel = parcels_.front();
    parcels_.pop_front();
    return true;
  }

 private:
  std::mutex mutex_;
  std::deque<Parcel> parcels_;
};

class ThreadsTest : public DebugAllocatorTest {
 protected:
  ThreadsTest() { Make(BaseOptions()); }

  template <typename Body>
  static void RunThreads(int count, const Body& body) {
    std::vector<std::thread> threads;
    for (int t = 0; t < count; ++t) threads.emplace_back(body, t);
    for (std::thread& thread : threads) thread.join();
  }

  // Allocates, marks, posts to another thread and frees what was posted here.
  void Exchange(std::vector<Mailbox>& boxes, size_t self, int rounds) {
    for (int i = 0; i < rounds; ++i) {
      size_t size = 1 + static_cast<size_t>(i) * 37 % 2000;
      if (i % 500 == 0) size = 70'000;
      auto* block = Bytes(Allocate(size));
      ASSERT_NE(block, nullptr);
      block[0] = static_cast<unsigned char>(size);
      block[size - 1] = static_cast<unsigned char>(size);
      size_t to = (self + static_cast<size_t>(i)) % boxes.size();
      boxes[to].Post({block, size});
      FreeOne(boxes[self]);
    }
  }
  bool FreeOne(Mailbox& box) {
    Parcel parcel;
    if (!box.Take(&parcel)) return false;
    EXPECT_EQ(parcel.block[0], static_cast<unsigned char>(parcel.size));
    EXPECT_EQ(parcel.block[parcel.size - 1],
              static_cast<unsigned char>(parcel.size));
    Free(parcel.block, parcel.size);
    return true;
  }
};

TEST_F(ThreadsTest, FreeEachOthersBlocksWhileSpansRetire) {
  constexpr int kThreads = 4;
  constexpr int kRounds = 20'000;
  Options options = BaseOptions();
  options.quarantine_size = 2 << 20;
  Make(options);
  std::vector<Mailbox> boxes(kThreads);
  RunThreads(kThreads, [&](int self) {
    Exchange(boxes, static_cast<size_t>(self), kRounds);
  });
  for (Mailbox& box : boxes) {
    while (FreeOne(box)) {
    }
  }
  DebugAllocatorStatistics now = allocator().statistics();
  EXPECT_EQ(now.allocations, uint64_t{kThreads} * kRounds);
  EXPECT_EQ(now.deallocations, now.allocations);
  EXPECT_EQ(now.live_bytes, 0u);
  EXPECT_EQ(now.allocated_bytes, now.freed_bytes);
  EXPECT_LE(now.quarantine_bytes, uint64_t{2} << 20);
  EXPECT_EQ(Finish(), Verdict::kOk);
}

TEST_F(ThreadsTest, SmallBlocksOfManyShortThreads) {
  // More threads than have a lane of their own.
  constexpr int kThreads = 700;
  Mailbox box;
  std::vector<std::thread> running;
  for (int t = 0; t < kThreads; ++t) {
    running.emplace_back([&, t] {
      for (size_t i = 1; i <= 40; ++i) {
        auto* block = Bytes(Allocate(i));
        memset(block, t, i);
        block[0] = static_cast<unsigned char>(i);
        block[i - 1] = static_cast<unsigned char>(i);
        box.Post({block, i});
        FreeOne(box);
      }
    });
    if (running.size() == 8) {
      for (std::thread& thread : running) thread.join();
      running.clear();
    }
  }
  for (std::thread& thread : running) thread.join();
  while (FreeOne(box)) {
  }
  EXPECT_EQ(allocator().statistics().live_blocks, 0u);
  EXPECT_EQ(Finish(), Verdict::kOk);
}

// A walk over the heap finds nothing in what others allocate, resize in place,
// move and free meanwhile.
TEST_F(ThreadsTest, WalksWhileOthersWorkFindNothing) {
  std::atomic<bool> stop{false};
  std::thread walker([&] {
    while (!stop) {
      EXPECT_EQ(allocator().CheckHeap(), 0u);
      allocator().statistics();
    }
  });
  RunThreads(2, [this](int self) {
    for (int i = 0; i < 3000; ++i) {
      size_t size = i % 10 == 0 ? 300'000 : 257 + static_cast<size_t>(self);
      size_t larger = size + 20;
      auto* block = Bytes(Allocate(size));
      memset(block, self, size);
      if (allocator().Resize(block, size, 8, larger)) {
        memset(block, self, larger);
        EXPECT_TRUE(allocator().Resize(block, larger, 8, size));
      }
      if (i % 10 == 0) {
        // Its last pages go and come back.
        EXPECT_TRUE(allocator().Resize(block, size, 8, 100'000));
        EXPECT_TRUE(allocator().Resize(block, 100'000, 8, size));
        auto* moved = Bytes(allocator().Remap(block, size, 8, 600'000));
        if (moved != nullptr) {
          block = moved;
          size = 600'000;
        }
      }
      EXPECT_EQ(block[0], self);
      Free(block, size);
    }
  });
  stop = true;
  walker.join();
  EXPECT_EQ(Finish(), Verdict::kOk);
}

// The pages that hold a large block's redzone go when it shrinks: not while a
// walk is looking at them.
TEST_F(ThreadsTest, WalksDoNotMeetPagesThatAShrinkTakesAway) {
  std::atomic<bool> stop{false};
  std::thread walker([&] {
    while (!stop) EXPECT_EQ(allocator().CheckHeap(), 0u);
  });
  constexpr size_t kSize = 200'000;
  void* block = Allocate(kSize);
  for (int i = 0; i < 10'000; ++i) {
    ASSERT_TRUE(allocator().Resize(block, kSize, 8, kSize / 2));
    ASSERT_TRUE(allocator().Resize(block, kSize / 2, 8, kSize));
  }
  stop = true;
  walker.join();
  Free(block, kSize);
}

TEST_F(ThreadsTest, LeaksAreCountedWhileOthersWork) {
  void* leak = Allocate(10);
  std::atomic<bool> stop{false};
  std::thread worker([&] {
    while (!stop) Free(Allocate(100), 100);
  });
  for (int i = 0; i < 100; ++i) {
    // The worker's block of the moment may count, too.
    EXPECT_GE(allocator().DetectLeaks(), 1u);
  }
  stop = true;
  worker.join();
  sink_.Clear();
  Free(leak, 10);
}

// A sink may use the very allocator that it is told about.
class AllocatingSink final : public ErrorSink {
 public:
  explicit AllocatingSink(DebugAllocator& memory) : memory_(memory) {}
  void OnError(const ErrorRecord&) override {
    void* block = memory_.Allocate(100, 8);
    void* large = memory_.Allocate(100'000, 8);
    memory_.Deallocate(block, 100, 8);
    memory_.Deallocate(large, 100'000, 8);
    ++calls;
  }
  void OnLeaks(const LeakReport&) override { OnError({}); }
  int calls = 0;

 private:
  DebugAllocator& memory_;
};

TEST_F(ThreadsTest, ASinkMayAllocateWhereTheErrorWas) {
  DebugAllocator memory;
  AllocatingSink sink(memory);
  memory.SetErrorSink(&sink);
  auto* block = Bytes(memory.Allocate(24, 8));
  block[24] ^= 1;
  EXPECT_EQ(memory.CheckHeap(), 1u);
  EXPECT_EQ(memory.DetectLeaks(), 1u);
  memory.Deallocate(block, 24, 8);
  memory.Deallocate(block, 24, 8);
  block[3] = 0;
  EXPECT_EQ(memory.CheckHeap(), 1u);
  EXPECT_EQ(sink.calls, 4);
  EXPECT_EQ(memory.Finish(), Verdict::kOk);
}

// --- Allocators of one thread -----------------------------------------------

[[gnu::noinline]] void* OwnersStep(DebugAllocator& memory) {
  void* block = memory.Allocate(24, 8);
  asm volatile("" ::: "memory");
  return block;
}
[[gnu::noinline]] void StrangersStep(DebugAllocator& memory, void* block) {
  memory.Deallocate(block, 24, 8);
  asm volatile("" ::: "memory");
}

class OwnerTest : public ThreadsTest, public testing::WithParamInterface<bool> {
 protected:
  OwnerTest() {
    Options options = BaseOptions();
    if (GetParam()) {
      options.thread_safe = false;
    } else {
      options.check_threads = true;
    }
    Make(options);
  }
};

INSTANTIATE_TEST_SUITE_P(ByOption, OwnerTest, testing::Bool());

TEST_P(OwnerTest, UseByAnotherThreadIsReportedWithBothStacks) {
  void* block = OwnersStep(allocator());
  uint32_t owner = allocator().Describe(block).allocated.thread;
  std::thread([&] { StrangersStep(allocator(), block); }).join();
  ErrorRecord error = sink_.TakeOnly();
  EXPECT_EQ(error.kind, ErrorKind::kThreadMisuse);
  EXPECT_EQ(error.operation, Operation::kFree);
  EXPECT_EQ(error.owner_thread, owner);
  EXPECT_NE(error.now.thread, owner);
  EXPECT_NE(NewestFunction(error.now.stack).find("StrangersStep"),
            std::string::npos);
  EXPECT_TRUE(error.owner_event.known);
  EXPECT_NE(NewestFunction(error.owner_event.stack).find("OwnersStep"),
            std::string::npos);
  EXPECT_EQ(allocator().statistics().live_blocks, 0u) << "it was freed";
}

TEST_P(OwnerTest, EveryOperationIsWatched) {
  void* block = Allocate(24);
  std::thread([&] {
    EXPECT_NE(Allocate(8), nullptr);
    EXPECT_EQ(sink_.TakeOnly().operation, Operation::kAllocate);
    allocator().Resize(block, 24, 8, 25);
    EXPECT_EQ(sink_.TakeOnly().operation, Operation::kResize);
    allocator().Remap(block, 25, 8, 26);
    EXPECT_EQ(sink_.TakeOnly().operation, Operation::kRemap);
    Free(block, 26);
    EXPECT_EQ(sink_.TakeOnly().operation, Operation::kFree);
  }).join();
  allocator().FinishWithoutChecks();
}

TEST_P(OwnerTest, OneThreadMayDoWhatItLikes) {
  std::thread([&] { Free(Allocate(24), 24); }).join();
  EXPECT_EQ(allocator().CheckHeap(), 0u);
}

TEST_P(OwnerTest, OwnershipCanBeHandedOver) {
  void* block = Allocate(24);
  std::thread([&] {
    allocator().AdoptByCurrentThread();
    Free(block, 24);
    block = Allocate(25);
  }).join();
  EXPECT_TRUE(sink_.errors().empty());
  Free(block, 25);
  EXPECT_EQ(sink_.TakeOnly().kind, ErrorKind::kThreadMisuse);
  allocator().AdoptByCurrentThread();
  Free(Allocate(8), 8);
}

TEST_P(OwnerTest, MisuseByManyThreadsAtOnceStaysSafe) {
  Allocate(8);
  RunThreads(4, [this](int) {
    for (int i = 0; i < 500; ++i) {
      void* block = Allocate(24);
      if (block != nullptr) Free(block, 24);
    }
  });
  EXPECT_EQ(sink_.errors().size(), 4u * 500 * 2);
  sink_.Clear();
  allocator().FinishWithoutChecks();
}

}  // namespace
}  // namespace dbgalloc::testing_support
