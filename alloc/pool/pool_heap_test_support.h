// The pool as its tests use it: one cache, errors recorded.
#ifndef DBGALLOC_ALLOC_POOL_POOL_HEAP_TEST_SUPPORT_H_
#define DBGALLOC_ALLOC_POOL_POOL_HEAP_TEST_SUPPORT_H_

#include <vector>

#include "alloc/pool/pool_heap.h"
#include "gtest/gtest.h"

namespace dbgalloc::pool {

inline constexpr size_t kMiB = size_t{1} << 20;
inline constexpr size_t kGiB = size_t{1} << 30;

class RecordingSink final : public ErrorSink {
 public:
  void OnError(const ErrorRecord& record) override {
    records.push_back(record);
  }
  void OnLeaks(const LeakReport&) override {}
  std::vector<ErrorRecord> records;
};

class PoolHeapTest : public testing::Test {
 protected:
  void SetUp() override {
    PoolHost host;
    host.sink = &sink_;
    pool_ = PoolHeap::Create(Options(), host);
    ASSERT_NE(pool_, nullptr);
    cache_ = pool_->TakeCache(1);
    ASSERT_NE(cache_, nullptr);
  }
  void TearDown() override { PoolHeap::Destroy(pool_); }

  void* Allocate(size_t size, size_t alignment = 0,
                 Maker maker = Maker::kMalloc) {
    PoolRequest request;
    request.size = size;
    request.alignment = alignment;
    request.maker = maker;
    return pool_->Allocate(*cache_, request, {});
  }
  void Free(void* block, Maker maker = Maker::kMalloc) {
    PoolClaim claim;
    claim.maker = maker;
    pool_->Free(*cache_, block, claim, {});
  }
  void FreeSized(void* block, size_t size, Maker maker) {
    PoolClaim claim;
    claim.maker = maker;
    claim.size_stated = true;
    claim.size = size;
    pool_->Free(*cache_, block, claim, {});
  }
  void ExpectError(ErrorKind kind) {
    ASSERT_EQ(sink_.records.size(), 1u);
    EXPECT_EQ(sink_.records[0].kind, kind);
    sink_.records.clear();
  }
  TierStatistics TierOf(Tier tier) {
    return pool_->GetStatistics().tiers[static_cast<size_t>(tier)];
  }

  RecordingSink sink_;
  PoolHeap* pool_ = nullptr;
  ThreadCache* cache_ = nullptr;
};

}  // namespace dbgalloc::pool

#endif  // DBGALLOC_ALLOC_POOL_POOL_HEAP_TEST_SUPPORT_H_
