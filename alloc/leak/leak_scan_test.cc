// What a scan makes of a heap whose only roots are words that the test has.
#include "alloc/leak/leak_scan.h"

#include <sys/mman.h>

#include <cstdint>
#include <map>
#include <vector>

#include "alloc/leak/test_heap.h"
#include "gtest/gtest.h"

namespace dbgalloc::leak {
namespace {

using heap::BlockRef;

class LeakScanTest : public testing::Test {
 protected:
  LeakScanTest() {
    task_.sources.rules = {false, false, false, false};
    task_.heap = &memory_.heap();
    task_.findings = &findings_;
  }

  BlockRef Make(size_t size) { return memory_.Make(size); }
  uintptr_t At(const BlockRef& block) const { return memory_.Address(block); }
  // Lets the first block point to the second.
  void Point(const BlockRef& from, const BlockRef& to, size_t word = 0) {
    memory_.Words(from)[word] = At(to);
  }
  void AddRoot(uintptr_t word) { roots_.push_back(word); }

  void Scan(size_t capacity = 1000) {
    const auto begin = reinterpret_cast<uintptr_t>(roots_.data());
    regions_.push_back({begin, begin + roots_.size() * sizeof(uintptr_t)});
    task_.sources.regions = regions_.data();
    task_.sources.region_count = regions_.size();
    list_.resize(capacity);
    task_.list = list_.data();
    task_.list_capacity = capacity;
    findings_ = ScanFindings();
    RunScan(task_);
    ASSERT_TRUE(findings_.complete);
    heads_.clear();
    for (uint32_t i = 0; i < findings_.lost; ++i) {
      heads_[AddressOf(list_[i])] = AddressOf(list_[list_[i].head]);
    }
  }
  uintptr_t AddressOf(const ListedBlock& listed) {
    return At({listed.span, &listed.span->records[listed.slot]});
  }
  bool IsLost(const BlockRef& block) const {
    return heads_.count(At(block)) != 0;
  }
  // 0: it is not lost.
  uintptr_t HeadOf(const BlockRef& block) const {
    const auto found = heads_.find(At(block));
    return found == heads_.end() ? 0 : found->second;
  }

  TestHeap memory_;
  std::vector<uintptr_t> roots_;
  std::vector<Range> regions_;
  ScanTask task_;
  ScanFindings findings_;
  std::vector<ListedBlock> list_;
  std::map<uintptr_t, uintptr_t> heads_;
};

TEST_F(LeakScanTest, FollowsRootsThroughBlocksOfEverySize) {
  const BlockRef first = Make(64);
  const BlockRef second = Make(300'000);
  const BlockRef third = Make(0);
  const BlockRef lost = Make(64);
  AddRoot(At(first));
  Point(first, second, 7);
  Point(second, third, 30'000);
  Scan();
  EXPECT_FALSE(IsLost(first) || IsLost(second) || IsLost(third));
  EXPECT_EQ(HeadOf(lost), At(lost));
  EXPECT_EQ(findings_.lost, 1u);
}

TEST_F(LeakScanTest, SeesPointersInsideAndBehindABlock) {
  const BlockRef inside = Make(100);
  const BlockRef behind = Make(100);
  const BlockRef beyond = Make(100);
  AddRoot(At(inside) + 50);
  AddRoot(At(behind) + 100);
  AddRoot(At(beyond) + 101);
  Scan();
  EXPECT_FALSE(IsLost(inside));
  EXPECT_FALSE(IsLost(behind));
  EXPECT_TRUE(IsLost(beyond));
}

TEST_F(LeakScanTest, GivesLostBlocksToThoseThatHoldThem) {
  const BlockRef holder = Make(64);
  const BlockRef held = Make(64);
  const BlockRef held_by_held = Make(64);
  Point(holder, held);
  Point(held, held_by_held);
  Scan();
  EXPECT_EQ(HeadOf(holder), At(holder));
  EXPECT_EQ(HeadOf(held), At(holder));
  EXPECT_EQ(HeadOf(held_by_held), At(holder));
}

TEST_F(LeakScanTest, OfARingTheOldestHoldsTheOthers) {
  const BlockRef oldest = Make(64);
  const BlockRef middle = Make(3000);
  const BlockRef newest = Make(64);
  Point(middle, newest);
  Point(newest, oldest);
  Point(oldest, middle);
  Scan();
  EXPECT_EQ(HeadOf(oldest), At(oldest));
  EXPECT_EQ(HeadOf(middle), At(oldest));
  EXPECT_EQ(HeadOf(newest), At(oldest));
}

TEST_F(LeakScanTest, ABlockThatHoldsARingHasIt) {
  const BlockRef one = Make(64);
  const BlockRef other = Make(64);
  const BlockRef holder = Make(64);
  Point(one, other);
  Point(other, one);
  Point(holder, other);
  Scan();
  EXPECT_EQ(HeadOf(one), At(holder));
  EXPECT_EQ(HeadOf(other), At(holder));
}

TEST_F(LeakScanTest, ABlockThatHoldsItselfIsDirect) {
  const BlockRef block = Make(64);
  Point(block, block);
  Scan();
  EXPECT_EQ(HeadOf(block), At(block));
}

TEST_F(LeakScanTest, LeavesIgnoredBlocksAndWhatTheyHoldAlone) {
  const BlockRef ignored = Make(64);
  const BlockRef held = Make(64);
  Point(ignored, held);
  ignored.record->AddLeakMark(heap::kLeakIgnored);
  Scan();
  EXPECT_EQ(findings_.lost, 0u);
}

TEST_F(LeakScanTest, TellsReportedBlocksAgainWhereAsked) {
  const BlockRef reported = Make(64);
  const BlockRef held = Make(64);
  Point(reported, held);
  reported.record->AddLeakMark(heap::kLeakReported);
  Scan();
  EXPECT_EQ(findings_.lost, 0u);
  task_.tells_again = true;
  Scan();
  EXPECT_EQ(HeadOf(held), At(reported));
}

TEST_F(LeakScanTest, OlderBlocksThanAskedForCountAsReached) {
  const BlockRef old = Make(64);
  const BlockRef held_by_old = Make(64);
  const BlockRef young = Make(64);
  Point(old, held_by_old);
  task_.first_number = TestHeap::NumberOf(held_by_old);
  Scan();
  EXPECT_FALSE(IsLost(old) || IsLost(held_by_old));
  EXPECT_TRUE(IsLost(young));
}

TEST_F(LeakScanTest, ListsReachableBlocksBehindTheLostOnes) {
  const BlockRef reached = Make(64);
  const BlockRef lost = Make(64);
  AddRoot(At(reached));
  task_.list_reachable = true;
  Scan();
  ASSERT_EQ(findings_.listed, 2u);
  EXPECT_EQ(AddressOf(list_[0]), At(lost));
  EXPECT_EQ(AddressOf(list_[1]), At(reached));
  EXPECT_EQ(list_[1].head, ListedBlock::kReachable);
}

TEST_F(LeakScanTest, CountsWhatFindsNoRoomInTheList) {
  for (int i = 0; i < 5; ++i) Make(64);
  Scan(/*capacity=*/3);
  EXPECT_EQ(findings_.lost, 3u);
  EXPECT_EQ(findings_.unlisted, 2u);
}

// Mapped by the test, as a program maps stacks of coroutines.
class MappedPages {
 public:
  explicit MappedPages(size_t size)
      : size_(size),
        begin_(mmap(nullptr, size, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)) {}
  ~MappedPages() { munmap(begin_, size_); }
  uintptr_t address() const { return reinterpret_cast<uintptr_t>(begin_); }
  uintptr_t* words() const { return static_cast<uintptr_t*>(begin_); }
  void MakeInaccessible(size_t offset, size_t size) {
    mprotect(static_cast<char*>(begin_) + offset, size, PROT_NONE);
  }

 private:
  size_t size_;
  void* begin_;
};

TEST_F(LeakScanTest, FollowsPointersThroughMappedMemory) {
  const BlockRef block = Make(64);
  const MappedPages pages(1 << 20);
  pages.words()[100'000] = At(block);
  AddRoot(pages.address() + 5000);
  Scan();
  EXPECT_FALSE(IsLost(block));
}

TEST_F(LeakScanTest, DoesNotReadMappedMemoryThatNothingPointsTo) {
  const BlockRef block = Make(64);
  const MappedPages pages(1 << 20);
  pages.words()[100'000] = At(block);
  Scan();
  EXPECT_TRUE(IsLost(block));
}

TEST_F(LeakScanTest, PassesOverPagesThatCannotBeRead) {
  const BlockRef before = Make(64);
  const BlockRef behind = Make(64);
  MappedPages pages(3 * 4096);
  pages.words()[0] = At(before);
  pages.words()[2 * 512] = At(behind);
  pages.MakeInaccessible(4096, 4096);
  regions_.push_back({pages.address(), pages.address() + 3 * 4096});
  Scan();
  EXPECT_FALSE(IsLost(before) || IsLost(behind));
}

}  // namespace
}  // namespace dbgalloc::leak
