// Where an allocator keeps what it knows: behind memory that nobody can touch,
// however far a loop runs over the end of a block.
#include <cstdint>
#include <cstring>
#include <map>
#include <vector>

#include "alloc/debug_allocator_test_support.h"
#include "dbgalloc/page_allocator.h"
#include "gtest/gtest.h"

namespace dbgalloc::testing_support {
namespace {

constexpr ptrdiff_t kPage = 4096;

// Notes which ranges are the allocator's own and which are inaccessible. All
// memory is cut from one mapping without a gap: the worst neighbourhood.
class CrowdedBacking final : public Allocator, public PageControl {
 public:
  static constexpr size_t kSize = size_t{512} << 20;

  CrowdedBacking() {
    begin_ = static_cast<char*>(SystemPages().Allocate(kSize, kAlignment));
    next_ = begin_;
  }
  ~CrowdedBacking() { SystemPages().Deallocate(begin_, kSize, kAlignment); }

  void* Allocate(size_t size, size_t alignment) override {
    uintptr_t at = reinterpret_cast<uintptr_t>(next_);
    at = (at + alignment - 1) & ~(alignment - 1);
    char* memory = reinterpret_cast<char*>(at);
    if (memory + size > begin_ + kSize) return nullptr;
    next_ = memory + (size + kPage - 1) / kPage * kPage;
    ranges_.push_back({memory, next_});
    return memory;
  }
  bool Resize(void*, size_t, size_t, size_t) override { return false; }
  void* Remap(void*, size_t, size_t, size_t) override { return nullptr; }
  void Deallocate(void*, size_t, size_t) override {}
  PageControl* page_control() override { return this; }

  size_t page_size() const override { return kPage; }
  bool Discard(void*, size_t) override { return true; }
  bool Retire(void* address, size_t size) override {
    for (size_t offset = 0; offset < size; offset += kPage) {
      retired_[static_cast<char*>(address) + offset] = true;
    }
    return SystemPages().page_control()->Retire(address, size);
  }
  bool Reactivate(void* address, size_t size) override {
    for (size_t offset = 0; offset < size; offset += kPage) {
      retired_[static_cast<char*>(address) + offset] = false;
    }
    return SystemPages().page_control()->Reactivate(address, size);
  }
  bool Move(void*, void*, size_t) override { return false; }

  struct Range {
    char* begin;
    char* end;
  };
  const std::vector<Range>& ranges() const { return ranges_; }
  bool IsRetired(const char* address) const {
    auto at = retired_.find(begin_ + (address - begin_) / kPage * kPage);
    return at != retired_.end() && at->second;
  }

 private:
  static constexpr size_t kAlignment = size_t{4} << 20;

  char* begin_;
  char* next_;
  std::vector<Range> ranges_;
  std::map<char*, bool> retired_;
};

bool HoldsBlocks(const DebugAllocator& memory, CrowdedBacking::Range range) {
  for (char* page = range.begin; page < range.end; page += kPage) {
    if (memory.Owns(page)) return true;
  }
  return false;
}

bool IsResident(char* page) {
  return SystemPages().page_control()->ResidentBytes(page, kPage) != 0;
}

// Whether whoever comes from `begin` in steps of `step` meets an inaccessible
// page before one that is in use.
bool IsClosedFrom(const CrowdedBacking& backing, char* begin, ptrdiff_t step) {
  while (!backing.IsRetired(begin)) {
    if (IsResident(begin)) return false;
    begin += step;
  }
  return true;
}

TEST(Layout, AnInaccessiblePageLiesBeforeAndBehindAllState) {
  CrowdedBacking backing;
  RecordingSink sink;
  Options options;
  options.quarantine_size = size_t{1} << 20;
  DebugAllocator memory(backing, options);
  memory.SetErrorSink(&sink);
  std::vector<void*> blocks;
  for (size_t i = 0; i < 200'000; ++i) {
    blocks.push_back(memory.Allocate(16 + i * 37 % 2000, 8));
    if (i % 1000 == 0) blocks.push_back(memory.Allocate(100'000, 8));
    ASSERT_NE(blocks.back(), nullptr);
  }
  size_t state_ranges = 0;
  for (const CrowdedBacking::Range& range : backing.ranges()) {
    if (HoldsBlocks(memory, range)) continue;
    ++state_ranges;
    EXPECT_TRUE(IsClosedFrom(backing, range.begin, kPage)) << "overflows";
    EXPECT_TRUE(IsClosedFrom(backing, range.end - kPage, -kPage))
        << "underflows";
  }
  EXPECT_GT(state_ranges, 3u);
  memory.FinishWithoutChecks();
}

}  // namespace
}  // namespace dbgalloc::testing_support
