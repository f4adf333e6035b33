// What @dbgalloc//:testing gives a consumer's tests.
#include <memory_resource>
#include <vector>

#include "dbgalloc/testing/allocation_scope.h"
#include "dbgalloc/testing/test_resource.h"
#include "gtest/gtest.h"

namespace {

TEST(Budget, AReservedVectorDoesNotAllocate) {
  std::vector<int> numbers;
  numbers.reserve(100);
  EXPECT_NO_ALLOCATIONS {
    for (int i = 0; i < 100; ++i) numbers.push_back(i);
  }
}

TEST(Resource, EveryAllocationFailsOnceAndNothingIsLost) {
  dbgalloc::TestResource resource("numbers");
  dbgalloc::ForEachAllocationLimit(resource, [&] {
    std::pmr::vector<std::pmr::vector<int>> table(&resource);
    table.resize(3);
    for (std::pmr::vector<int>& row : table) row.assign(10, 7);
  });
  EXPECT_EQ(resource.status(), 0);
}

}  // namespace
