#include "dbgalloc/memory_resource.h"

#include <map>
#include <memory_resource>
#include <new>
#include <string>
#include <vector>

#include "dbgalloc/debug_allocator.h"
#include "dbgalloc/failing_allocator.h"
#include "dbgalloc/options.h"
#include "dbgalloc/system_allocator.h"
#include "gtest/gtest.h"

namespace dbgalloc {
namespace {

TEST(MemoryResource, ServesPolymorphicContainers) {
  DebugAllocator memory;
  {
    MemoryResource resource(memory);
    std::pmr::map<int, std::pmr::string> texts(&resource);
    for (int i = 0; i < 500; ++i) texts[i] = std::string(64, 'x');
    EXPECT_EQ(texts.at(7).size(), 64u);
    EXPECT_GE(memory.statistics().live_blocks, 1000u);
  }
  EXPECT_EQ(memory.Finish(), Verdict::kOk);
}

TEST(MemoryResource, FeedsThePoolsOfTheStandardLibrary) {
  DebugAllocator memory;
  {
    MemoryResource resource(memory);
    std::pmr::unsynchronized_pool_resource pool(&resource);
    std::pmr::vector<double> numbers(1000, 0.5, &pool);
    void* aligned = pool.allocate(300, 512);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(aligned) % 512, 0u);
    pool.deallocate(aligned, 300, 512);
  }
  EXPECT_EQ(memory.Finish(), Verdict::kOk);
}

TEST(MemoryResource, EmptyBlocksCanBeAllocatedAndGivenBack) {
  DebugAllocator memory;
  MemoryResource resource(memory);
  void* none = resource.allocate(0, 1);
  EXPECT_NE(none, nullptr);
  resource.deallocate(none, 0, 1);
}

TEST(MemoryResource, RefusalThrowsBadAlloc) {
  Options options;
  options.fail_index = 0;
  SystemAllocator system;
  FailingAllocator failing(system, options);
  failing.SetErrorSink(nullptr);
  MemoryResource resource(failing);
  EXPECT_THROW(static_cast<void>(resource.allocate(8)), std::bad_alloc);
}

TEST(MemoryResource, EqualMeansTheSameMemory) {
  SystemAllocator one;
  SystemAllocator two;
  MemoryResource first(one);
  MemoryResource second(one);
  MemoryResource third(two);
  EXPECT_TRUE(first == first);
  EXPECT_TRUE(first == second);
  EXPECT_FALSE(first == third);
  EXPECT_FALSE(first == *std::pmr::new_delete_resource());
}

TEST(ResourceAllocator, TakesMemoryOfAResource) {
  ResourceAllocator memory(*std::pmr::new_delete_resource());
  void* block = memory.Allocate(100, 256);
  ASSERT_NE(block, nullptr);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(block) % 256, 0u);
  EXPECT_FALSE(memory.Resize(block, 100, 256, 50));
  EXPECT_TRUE(memory.Resize(block, 100, 256, 100));
  EXPECT_EQ(memory.Remap(block, 100, 256, 200), nullptr);
  EXPECT_EQ(memory.Remap(block, 100, 256, 100), block);
  memory.Deallocate(block, 100, 256);
}

TEST(ResourceAllocator, AnExceptionBecomesNull) {
  ResourceAllocator memory(*std::pmr::null_memory_resource());
  EXPECT_EQ(memory.Allocate(8, 8), nullptr);
}

TEST(ResourceAllocator, BacksADebugAllocator) {
  ResourceAllocator memory(*std::pmr::new_delete_resource());
  DebugAllocator checked(memory);
  void* small = checked.Allocate(24, 8);
  void* large = checked.Allocate(1 << 20, 8);
  ASSERT_NE(small, nullptr);
  ASSERT_NE(large, nullptr);
  checked.Deallocate(small, 24, 8);
  checked.Deallocate(large, 1 << 20, 8);
  EXPECT_EQ(checked.Finish(), Verdict::kOk);
}

}  // namespace
}  // namespace dbgalloc
