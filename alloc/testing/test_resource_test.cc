#include "dbgalloc/testing/test_resource.h"

#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory_resource>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "gtest/gtest.h"

namespace dbgalloc {
namespace {

TEST(TestResource, CountsWhatIsInUseWhatWasTheMostAndTheTotal) {
  TestResource resource("counted");
  void* first = resource.allocate(100, 8);
  void* second = resource.allocate(50, 8);
  EXPECT_EQ(resource.blocks_in_use(), 2);
  EXPECT_EQ(resource.bytes_in_use(), 150);
  EXPECT_EQ(resource.status(), -1);
  resource.deallocate(first, 100, 8);
  void* third = resource.allocate(10, 8);
  EXPECT_EQ(resource.last_allocated_size(), 10u);
  EXPECT_EQ(resource.last_allocated_address(), third);
  EXPECT_EQ(resource.last_deallocated_address(), first);
  resource.deallocate(second, 50, 8);
  resource.deallocate(third, 10, 8);
  EXPECT_EQ(resource.blocks_in_use(), 0);
  EXPECT_EQ(resource.bytes_in_use(), 0);
  EXPECT_EQ(resource.max_blocks(), 2);
  EXPECT_EQ(resource.max_bytes(), 150);
  EXPECT_EQ(resource.total_blocks(), 3);
  EXPECT_EQ(resource.total_bytes(), 160);
  EXPECT_EQ(resource.deallocations(), 3);
  EXPECT_EQ(resource.status(), 0);
}

TEST(TestResource, ServesContainersAndThreads) {
  TestResource resource;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&resource] {
      std::pmr::vector<std::pmr::string> words(&resource);
      for (int k = 0; k < 200; ++k) words.emplace_back(100, 'x');
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(resource.status(), 0);
  EXPECT_GE(resource.total_blocks(), 4 * 200);
}

TEST(TestResource, AnEmptyRequestIsABlock) {
  TestResource resource;
  void* block = resource.allocate(0, 1);
  EXPECT_EQ(resource.blocks_in_use(), 1);
  resource.deallocate(block, 0, 1);
  EXPECT_EQ(resource.status(), 0);
}

TEST(TestResource, CountsMismatchesWhereItMayNotAbort) {
  TestResource resource;
  resource.set_no_abort(true);
  resource.set_quiet(true);
  void* block = resource.allocate(100, 8);
  resource.deallocate(block, 99, 8);
  EXPECT_EQ(resource.mismatches(), 1);
  EXPECT_EQ(resource.blocks_in_use(), 0);
  resource.deallocate(block, 100, 8);
  EXPECT_EQ(resource.mismatches(), 2);
  int local = 0;
  resource.deallocate(&local, sizeof(local), alignof(int));
  EXPECT_EQ(resource.mismatches(), 3);
  EXPECT_EQ(resource.bounds_errors(), 0);
  EXPECT_EQ(resource.status(), 3);
}

TEST(TestResource, CountsBoundsErrors) {
  TestResource resource;
  resource.set_no_abort(true);
  resource.set_quiet(true);
  auto* block = static_cast<char*>(resource.allocate(20, 8));
  volatile size_t one_too_many = 21;  // hidden from the compiler
  memset(block, 0, one_too_many);
  EXPECT_EQ(resource.CheckHeap(), 1u);
  EXPECT_EQ(resource.bounds_errors(), 1);
  EXPECT_EQ(resource.mismatches(), 0);
  resource.deallocate(block, 20, 8);
  EXPECT_TRUE(resource.has_errors());
}

TEST(TestResource, FailsBeyondTheLimitAndSaysWhatWasAskedFor) {
  TestResource resource;
  resource.set_allocation_limit(1);
  void* block = resource.allocate(8, 8);
  try {
    static_cast<void>(resource.allocate(48, 16));
    FAIL() << "the second allocation succeeded";
  } catch (const AllocationLimitReached& reached) {
    EXPECT_EQ(reached.size(), 48u);
    EXPECT_EQ(reached.alignment(), 16u);
  }
  EXPECT_EQ(resource.allocation_limit(), 0);
  EXPECT_EQ(resource.blocks_in_use(), 1);
  resource.set_allocation_limit(TestResource::kNoLimit);
  resource.deallocate(resource.allocate(8, 8), 8, 8);
  resource.deallocate(block, 8, 8);
}

TEST(ForEachAllocationLimit, FailsEachAllocationOnce) {
  TestResource resource;
  int runs = 0;
  const int64_t allocations = ForEachAllocationLimit(resource, [&] {
    ++runs;
    std::pmr::vector<int> first(10, 7, &resource);
    std::pmr::vector<int> second(10, 7, &resource);
    std::pmr::vector<int> third(first, &resource);
  });
  EXPECT_EQ(allocations, 3);
  EXPECT_EQ(runs, 4);
  EXPECT_EQ(resource.allocation_limit(), TestResource::kNoLimit);
  EXPECT_EQ(resource.status(), 0);
}

TEST(ForEachAllocationLimit, ShowsWhatAFailedRunLeaves) {
  TestResource resource;
  resource.set_no_abort(true);
  resource.set_quiet(true);
  ForEachAllocationLimit(resource, [&] {
    void* first = resource.allocate(8, 8);
    void* second = resource.allocate(16, 8);  // throws past the free below
    resource.deallocate(second, 16, 8);
    resource.deallocate(first, 8, 8);
  });
  EXPECT_EQ(resource.blocks_in_use(), 1);
  EXPECT_EQ(resource.bytes_in_use(), 8);
}

TEST(ForEachAllocationLimit, PassesOtherExceptionsOnAndLiftsTheLimit) {
  TestResource resource;
  EXPECT_THROW(ForEachAllocationLimit(
                   resource, [] { throw std::runtime_error("other"); }),
               std::runtime_error);
  EXPECT_EQ(resource.allocation_limit(), TestResource::kNoLimit);
}

TEST(TestResourceDeathTest, EndsTheProcessAtAMismatch) {
  EXPECT_EXIT(
      {
        TestResource resource;
        resource.deallocate(resource.allocate(100, 8), 96, 8);
      },
      testing::ExitedWithCode(1), "ERROR: dbgalloc: size-mismatch");
}

TEST(TestResourceDeathTest, AbortsAtALeak) {
  EXPECT_EXIT(
      {
        TestResource resource("shop");
        static_cast<void>(resource.allocate(100, 8));
      },
      testing::KilledBySignal(SIGABRT), "leak: 100 bytes .*\n(.*\n)*.*shop");
}

// Mistakes on purpose are no mistakes of the test.
TEST(TestResourceDeathTest, WithNoAbortReportsAndLeavesTheExitStatus) {
  EXPECT_EXIT(
      {
        {
          TestResource resource;
          resource.set_no_abort(true);
          resource.deallocate(resource.allocate(100, 8), 96, 8);
          static_cast<void>(resource.allocate(10, 8));
        }
        exit(0);
      },
      testing::ExitedWithCode(0), "size-mismatch(.*\n)*.*leak: 10 bytes");
}

}  // namespace
}  // namespace dbgalloc
