// A std::pmr::memory_resource for tests: it knows what is in use, what was the
// most, what was freed wrongly, fails where it is told to, and does not let a
// test end with a leak.
//
//   dbgalloc::TestResource resource("numbers");
//   std::pmr::vector<int> numbers(&resource);
//   numbers.reserve(100);
//   EXPECT_EQ(resource.blocks_in_use(), 1);
//
// The vocabulary is that of bslma::TestAllocator, so that tests written for it
// move over.
#ifndef DBGALLOC_ALLOC_TESTING_TEST_RESOURCE_H_
#define DBGALLOC_ALLOC_TESTING_TEST_RESOURCE_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <new>

#include "dbgalloc/debug_allocator.h"
#include "dbgalloc/error_record.h"
#include "dbgalloc/error_sink.h"
#include "dbgalloc/options.h"

namespace dbgalloc {

// What a TestResource throws when its allocation limit is used up.
class AllocationLimitReached : public std::bad_alloc {
 public:
  AllocationLimitReached(std::size_t size, std::size_t alignment)
      : size_(size), alignment_(alignment) {}
  const char* what() const noexcept override;

  // Of the request that was refused.
  std::size_t size() const { return size_; }
  std::size_t alignment() const { return alignment_; }

 private:
  std::size_t size_;
  std::size_t alignment_;
};

// Every block comes from a DebugAllocator of its own, so each mistake is
// reported with its stacks (docs/errors.md) and then ends the process, unless
// set_no_abort(true). A resource that is destroyed with blocks in use reports
// them and aborts, too.
//
// Threads: thread-safe. Bytes are requested bytes; an empty request counts as
// one byte.
class TestResource final : public std::pmr::memory_resource {
 public:
  static constexpr int64_t kNoLimit = -1;

  // `name` appears in what status() and the report of a leak say; it must
  // outlive the resource.
  explicit TestResource(const char* name = "");
  TestResource(const char* name, const Options& options);
  ~TestResource() override;
  TestResource(const TestResource&) = delete;
  TestResource& operator=(const TestResource&) = delete;

  const char* name() const { return name_; }

  int64_t blocks_in_use() const { return Signed(Figures().live_blocks); }
  int64_t bytes_in_use() const { return Signed(Figures().live_bytes); }
  int64_t total_blocks() const { return Signed(Figures().allocations); }
  int64_t total_bytes() const { return Signed(Figures().allocated_bytes); }
  // The most that was in use at once.
  int64_t max_blocks() const { return max_blocks_.load(); }
  int64_t max_bytes() const { return max_bytes_.load(); }
  // Calls, refused ones included.
  int64_t allocations() const { return allocations_.load(); }
  int64_t deallocations() const { return deallocations_.load(); }
  // Size and address of the latest block that was handed out or taken back.
  std::size_t last_allocated_size() const { return last_allocated_.size; }
  void* last_allocated_address() const { return last_allocated_.address; }
  std::size_t last_deallocated_size() const { return last_deallocated_.size; }
  void* last_deallocated_address() const { return last_deallocated_.address; }

  // Blocks given back that were not from here, not in use any more, or of
  // another size or alignment (these are taken back all the same).
  int64_t mismatches() const { return errors_.mismatches.load(); }
  // Blocks written to beyond their bounds or after their end.
  int64_t bounds_errors() const { return errors_.bounds.load(); }
  bool has_errors() const { return mismatches() + bounds_errors() > 0; }

  // So many more allocations succeed, then each throws AllocationLimitReached.
  // kNoLimit: none fails.
  void set_allocation_limit(int64_t limit) { limit_.store(limit); }
  int64_t allocation_limit() const { return limit_.load(); }

  // Mistakes and leaks are counted, not reported.
  void set_quiet(bool is_quiet) { errors_.is_quiet = is_quiet; }
  // Mistakes and leaks do not end the process.
  void set_no_abort(bool is_no_abort) { errors_.is_no_abort = is_no_abort; }

  // Verifies the bounds of all blocks in use and the fill of freed ones now.
  // Returns how many were found damaged.
  std::size_t CheckHeap() { return memory_.CheckHeap(); }

  // 0: nothing in use and no errors; above: how many errors; -1: no errors,
  // but blocks in use.
  int64_t status() const;

 private:
  struct Event {
    std::atomic<std::size_t> size{0};
    std::atomic<void*> address{nullptr};
  };
  // Counts errors and passes them on to the report.
  class Errors final : public ErrorSink {
   public:
    explicit Errors(const Options& in_options) : options(in_options) {}
    void OnError(const ErrorRecord& record) override;
    void OnLeaks(const LeakReport& report) override;

    Options options;
    bool is_quiet = false;
    bool is_no_abort = false;
    std::atomic<int64_t> mismatches{0};
    std::atomic<int64_t> bounds{0};
  };

  void* do_allocate(std::size_t size, std::size_t alignment) override;
  void do_deallocate(void* block, std::size_t size,
                     std::size_t alignment) override;
  bool do_is_equal(
      const std::pmr::memory_resource& other) const noexcept override {
    return this == &other;
  }
  bool TakeFromLimit();
  void NoteMaximum();
  DebugAllocatorStatistics Figures() const { return memory_.statistics(); }
  static int64_t Signed(uint64_t count) { return static_cast<int64_t>(count); }

  const char* name_;
  Errors errors_;
  DebugAllocator memory_;
  std::atomic<int64_t> max_blocks_{0};
  std::atomic<int64_t> max_bytes_{0};
  std::atomic<int64_t> allocations_{0};
  std::atomic<int64_t> deallocations_{0};
  std::atomic<int64_t> limit_{kNoLimit};
  Event last_allocated_;
  Event last_deallocated_;
};

// Runs `function` with no allocation allowed, then with one, and so on, until
// it ends without AllocationLimitReached: each of its allocations has failed
// once by then. What a failed run leaves in use stays visible in
// blocks_in_use() and in the resource's verdict. Afterwards there is no limit.
// Returns how many allocations the run that succeeded made.
//
//   dbgalloc::ForEachAllocationLimit(resource, [&] {
//     std::pmr::vector<int> numbers(1000, 7, &resource);
//   });
template <typename Function>
int64_t ForEachAllocationLimit(TestResource& resource, Function&& function) {
  struct NoLimitAfterwards {
    ~NoLimitAfterwards() {
      resource.set_allocation_limit(TestResource::kNoLimit);
    }
    TestResource& resource;
  } no_limit_afterwards{resource};
  for (int64_t limit = 0;; ++limit) {
    const int64_t before = resource.allocations();
    resource.set_allocation_limit(limit);
    try {
      function();
      return resource.allocations() - before;
    } catch (const AllocationLimitReached&) {
      continue;
    }
  }
}

}  // namespace dbgalloc

#endif  // DBGALLOC_ALLOC_TESTING_TEST_RESOURCE_H_
