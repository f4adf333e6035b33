#include "dbgalloc/stl_allocator.h"

#include <list>
#include <map>
#include <memory>
#include <new>
#include <set>
#include <string>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>

#include "dbgalloc/debug_allocator.h"
#include "dbgalloc/failing_allocator.h"
#include "dbgalloc/options.h"
#include "dbgalloc/system_allocator.h"
#include "gtest/gtest.h"

namespace dbgalloc {
namespace {

using Traits = std::allocator_traits<StlAllocator<int>>;
static_assert(std::is_same_v<Traits::rebind_alloc<double>::value_type, double>);
static_assert(
    std::is_same_v<
        std::allocator_traits<StlAllocator<char, 64>>::rebind_alloc<double>,
        StlAllocator<double, 64>>,
    "the alignment that was asked for survives rebinding");
static_assert(Traits::propagate_on_container_copy_assignment::value);
static_assert(Traits::propagate_on_container_move_assignment::value);
static_assert(Traits::propagate_on_container_swap::value);
static_assert(!Traits::is_always_equal::value);
static_assert(std::is_nothrow_copy_constructible_v<StlAllocator<int>>);
static_assert(StlAllocator<char, 1>::alignment() == 1);
static_assert(StlAllocator<double, 1>::alignment() == alignof(double));
static_assert(StlAllocator<char, 4096>::alignment() == 4096);

// The containers' frees are compared with their allocations by size and
// alignment, so a wrong one anywhere would end the test.
class StlAllocatorTest : public testing::Test {
 protected:
  void TearDown() override { EXPECT_EQ(memory_.Finish(), Verdict::kOk); }

  DebugAllocator memory_;
};

TEST_F(StlAllocatorTest, ServesTheContainers) {
  using Text =
      std::basic_string<char, std::char_traits<char>, StlAllocator<char>>;
  std::vector<Text, StlAllocator<Text>> texts(memory_);
  std::list<int, StlAllocator<int>> numbers(memory_);
  std::map<int, Text, std::less<>, StlAllocator<std::pair<const int, Text>>>
      by_number{StlAllocator<int>(memory_)};
  std::unordered_map<int, int, std::hash<int>, std::equal_to<>,
                     StlAllocator<std::pair<const int, int>>>
      hashed{StlAllocator<int>(memory_)};
  for (int i = 0; i < 1000; ++i) {
    Text text(100, static_cast<char>('a' + i % 26), memory_);
    texts.push_back(text);
    by_number.emplace(i, text);
    numbers.push_front(i);
    hashed[i] = -i;
  }
  EXPECT_EQ(texts[999][0], 'a' + 999 % 26);
  EXPECT_EQ(by_number.at(27)[99], 'b');
  EXPECT_EQ(numbers.front(), 999);
  EXPECT_EQ(hashed.at(500), -500);
  EXPECT_GT(memory_.statistics().live_blocks, 4000u);
}

TEST_F(StlAllocatorTest, AlignsEveryBlockAsAsked) {
  std::vector<char, StlAllocator<char, 256>> bytes(memory_);
  for (int i = 0; i < 1000; ++i) {
    bytes.push_back('x');
    ASSERT_EQ(reinterpret_cast<uintptr_t>(bytes.data()) % 256, 0u);
  }
  std::set<char, std::less<>, StlAllocator<char, 128>> nodes{
      StlAllocator<char, 128>(memory_)};
  nodes.insert('a');
  EXPECT_EQ(memory_.Describe(&*nodes.begin()).alignment, 128u);
}

TEST_F(StlAllocatorTest, RefusalThrowsBadAlloc) {
  Options options;
  options.fail_index = 1;
  FailingAllocator failing(memory_, options);
  failing.SetErrorSink(nullptr);
  std::vector<int, StlAllocator<int>> numbers(failing);
  numbers.assign(10, 7);
  EXPECT_THROW(numbers.resize(1000), std::bad_alloc);
  EXPECT_EQ(numbers.size(), 10u);
  EXPECT_EQ(numbers[9], 7);
}

TEST_F(StlAllocatorTest, RefusalIsNullInTheNothrowForm) {
  Options options;
  options.fail_index = 0;
  FailingAllocator failing(memory_, options);
  failing.SetErrorSink(nullptr);
  NothrowStlAllocator<int> numbers(failing);
  EXPECT_EQ(numbers.allocate(3), nullptr);
  EXPECT_EQ(numbers.allocate(SIZE_MAX), nullptr);
  numbers.deallocate(nullptr, 3);
}

TEST_F(StlAllocatorTest, CountsAboveTheLargestAreRefusedBeforeMultiplying) {
  StlAllocator<int> numbers(memory_);
  EXPECT_EQ(numbers.max_size(), static_cast<size_t>(PTRDIFF_MAX) / sizeof(int));
  // 4 * (2^62 + 1) is 4 in 64 bits.
  EXPECT_THROW(static_cast<void>(numbers.allocate(SIZE_MAX / 4 + 2)),
               std::bad_array_new_length);
  EXPECT_EQ(memory_.statistics().allocations, 0u);
}

TEST_F(StlAllocatorTest, EmptyBlocksCanBeAllocatedAndGivenBack) {
  StlAllocator<int> numbers(memory_);
  int* none = numbers.allocate(0);
  ASSERT_NE(none, nullptr);
  numbers.deallocate(none, 0);
}

TEST_F(StlAllocatorTest, EqualMeansTheSameMemory) {
  DebugAllocator other;
  StlAllocator<int> here(memory_);
  StlAllocator<double> here_too(here);
  StlAllocator<int> there(other);
  EXPECT_TRUE(here == here_too);
  EXPECT_FALSE(here != here_too);
  EXPECT_TRUE(here != there);
  EXPECT_EQ(&here_too.memory(), &memory_);
}

TEST_F(StlAllocatorTest, MovesAndSwapsTakeTheAllocatorAlong) {
  DebugAllocator other;
  {
    std::vector<int, StlAllocator<int>> here(100, 1, memory_);
    std::vector<int, StlAllocator<int>> there(200, 2, other);
    const int* first = here.data();
    here.swap(there);
    EXPECT_EQ(there.data(), first);
    EXPECT_EQ(&there.get_allocator().memory(), &memory_);
    here = std::move(there);
    EXPECT_EQ(here.data(), first);
    std::vector<int, StlAllocator<int>> copy(other);
    copy = here;
    EXPECT_EQ(&copy.get_allocator().memory(), &memory_);
  }
  EXPECT_EQ(other.Finish(), Verdict::kOk);
}

TEST(StlAllocatorOnSystem, WorksOnMalloc) {
  SystemAllocator system;
  std::vector<int, StlAllocator<int, 64>> numbers(system);
  numbers.resize(1000, 3);
  EXPECT_EQ(numbers[999], 3);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(numbers.data()) % 64, 0u);
}

}  // namespace
}  // namespace dbgalloc
