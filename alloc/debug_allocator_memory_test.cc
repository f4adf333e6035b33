// How much memory a debug allocator takes and keeps: steady use stays flat,
// bounds hold, whole pages around a survivor go back.
#include <cstdio>
#include <cstring>
#include <set>
#include <utility>
#include <vector>

#include "alloc/debug_allocator_test_support.h"
#include "dbgalloc/page_allocator.h"
#include "gtest/gtest.h"

namespace dbgalloc::testing_support {
namespace {

constexpr size_t kMebibyte = size_t{1} << 20;

// Resident bytes of this process.
size_t Resident() {
  FILE* file = std::fopen("/proc/self/statm", "r");
  if (file == nullptr) return 0;
  unsigned long size = 0;
  unsigned long resident = 0;
  int read = std::fscanf(file, "%lu %lu", &size, &resident);
  std::fclose(file);
  return read == 2 ? resident * 4096 : 0;
}

// Mappings of this process; the kernel allows some 65,000.
size_t Mappings() {
  FILE* file = std::fopen("/proc/self/maps", "r");
  if (file == nullptr) return 0;
  size_t lines = 0;
  for (int c; (c = std::fgetc(file)) != EOF;) lines += c == '\n';
  std::fclose(file);
  return lines;
}

class MemoryTest : public DebugAllocatorTest {
 protected:
  void SetUp() override {
    if (Resident() == 0) GTEST_SKIP() << "no /proc";
  }
  void Pairs(int count, size_t size) {
    for (int i = 0; i < count; ++i) Free(Allocate(size), size);
  }
};

// Of this process, in kibibytes; 0 where the kernel has none to give.
long LargePages() {
  FILE* file = std::fopen("/proc/self/smaps_rollup", "r");
  if (file == nullptr) return 0;
  long kibibytes = 0;
  char line[256];
  while (std::fgets(line, sizeof(line), file) != nullptr) {
    std::sscanf(line, "AnonHugePages: %ld kB", &kibibytes);
  }
  std::fclose(file);
  return kibibytes;
}

bool KernelHasLargePages() {
  FILE* file = std::fopen("/sys/kernel/mm/transparent_hugepage/enabled", "r");
  if (file == nullptr) return false;
  char choices[64] = {};
  const bool is_read = std::fgets(choices, sizeof(choices), file) != nullptr;
  std::fclose(file);
  return is_read && std::strstr(choices, "[never]") == nullptr;
}

// What a sweep runs with: forks copy few page table entries then.
TEST_F(MemoryTest, LargePagesServeBlocksOfEverySize) {
  Options options = BaseOptions();
  options.huge_pages = HugePages::kTransparent;
  const size_t mappings = Mappings();
  Make(options);
  std::vector<std::pair<void*, size_t>> blocks;
  for (size_t size :
       {size_t{200}, size_t{100'000}, kMebibyte, 20 * kMebibyte}) {
    for (size_t taken = 0; taken < 40 * kMebibyte; taken += size) {
      blocks.emplace_back(Allocate(size), size);
      std::memset(blocks.back().first, 1, size);
    }
  }
  EXPECT_LT(Mappings(), mappings + 60);
  if (KernelHasLargePages()) {
    EXPECT_GT(LargePages(), 100 * 1024);
  }
  for (const auto& [block, size] : blocks) Free(block, size);
}

TEST_F(MemoryTest, TenMillionPairsStayFlat) {
  Options options = BaseOptions();
  options.stack_trace_frames = 0;
  options.retained_records_size = 32 * kMebibyte;
  Make(options);
  Pairs(3'000'000, 64);
  size_t resident = Resident();
  uint64_t metadata = allocator().statistics().metadata_bytes;
  Pairs(7'000'000, 64);
  EXPECT_LT(Resident(), resident + 8 * kMebibyte);
  EXPECT_LE(allocator().statistics().metadata_bytes, metadata + kMebibyte);
  EXPECT_LT(Mappings(), 10'000u);
}

TEST_F(MemoryTest, TenMillionPairsStayWithinTheDefaultBounds) {
  size_t before = Resident();
  Pairs(10'000'000, 64);
  // The quarantine, retained records, and some room for both.
  EXPECT_LT(Resident(), before + (64 + 256 + 64) * kMebibyte);
}

TEST_F(MemoryTest, WithoutRetainedRecordsMetadataIsFlatToo) {
  Options options = BaseOptions();
  options.stack_trace_frames = 0;
  options.retain_metadata = false;
  Make(options);
  Pairs(1'500'000, 64);
  uint64_t metadata = allocator().statistics().metadata_bytes;
  Pairs(1'500'000, 64);
  EXPECT_LE(allocator().statistics().metadata_bytes, metadata + kMebibyte);
}

TEST_F(MemoryTest, LargePairsStayFlat) {
  Pairs(1000, 300'000);
  size_t resident = Resident();
  size_t mappings = Mappings();
  Pairs(10'000, 300'000);
  EXPECT_LT(Resident(), resident + 8 * kMebibyte);
  EXPECT_LT(Mappings(), mappings + 2000);
}

TEST_F(MemoryTest, QuarantineIsResidentUpToItsBoundOnly) {
  Options options = BaseOptions();
  options.stack_trace_frames = 0;
  options.quarantine_size = 4 * kMebibyte;
  options.retain_metadata = false;
  Make(options);
  size_t before = Resident();
  Pairs(200'000, 1000);
  EXPECT_LE(allocator().statistics().quarantine_bytes, 4 * kMebibyte);
  EXPECT_LT(Resident(), before + 16 * kMebibyte) << "200 MB went through";
}

// 1000 survivors of a million blocks: what is around them goes back.
TEST_F(MemoryTest, SurvivorsDoNotKeepTheirSpansResident) {
  Options options = BaseOptions();
  options.stack_trace_frames = 0;
  options.quarantine_size = 0;
  options.retain_metadata = false;
  Make(options);
  size_t before = Resident();
  std::vector<void*> survivors;
  std::vector<void*> window;
  for (int i = 0; i < 1'000'000; ++i) {
    void* block = Allocate(64);
    if (i % 1000 == 0) {
      survivors.push_back(block);
      continue;
    }
    window.push_back(block);
    if (window.size() == 2000) {
      for (void* freed : window) Free(freed, 64);
      window.clear();
    }
  }
  for (void* freed : window) Free(freed, 64);
  size_t records = allocator().statistics().metadata_bytes;
  EXPECT_LT(Resident(), before + records + 16 * kMebibyte) << "of 80 MB";
  for (void* block : survivors) Free(block, 64);
  EXPECT_EQ(Finish(), Verdict::kOk);
}

// After a peak, what is in memory returns to what lives: the pages with a live
// block, the quarantine, and, without retained records, little else.
TEST_F(MemoryTest, APeakIsGivenBackWithItsRecords) {
  Options options = BaseOptions();
  options.stack_trace_frames = 0;
  options.quarantine_size = kMebibyte;
  options.retain_metadata = false;
  Make(options);
  Pairs(1000, 64);
  size_t before = allocator().resident_bytes();
  for (size_t size : {24, 200, 1000, 5000, 40'000}) {
    std::vector<void*> blocks;
    for (size_t i = 0; i < 400'000'000 / (size + 1000); ++i) {
      blocks.push_back(Allocate(size));
      memset(blocks.back(), 1, size);
    }
    EXPECT_GT(allocator().resident_bytes(), before + 9 * kMebibyte);
    for (void* block : blocks) Free(block, size);
    EXPECT_LT(allocator().resident_bytes(),
              before + options.quarantine_size + 7 * kMebibyte / 2)
        << "after blocks of " << size << " bytes";
  }
}

// One block in a hundred stays: its page does, and no other.
TEST_F(MemoryTest, APeakIsGivenBackAroundSurvivors) {
  constexpr size_t kSize = 1000;
  constexpr size_t kPage = 4096;
  Options options = BaseOptions();
  options.stack_trace_frames = 0;
  options.quarantine_size = 0;
  options.retain_metadata = false;
  Make(options);
  std::vector<void*> blocks;
  for (int i = 0; i < 300'000; ++i) {
    blocks.push_back(Allocate(kSize));
    memset(blocks.back(), 1, kSize);
  }
  std::set<uintptr_t> live_pages;
  size_t i = 0;
  for (void*& block : blocks) {
    uintptr_t begin = reinterpret_cast<uintptr_t>(block);
    if (i++ % 100 == 0) {
      // Its redzones belong to it.
      live_pages.insert((begin - 16) / kPage);
      live_pages.insert((begin + kSize + 31) / kPage);
    } else {
      Free(block, kSize);
      block = nullptr;
    }
  }
  size_t records = allocator().statistics().metadata_bytes;
  EXPECT_LT(allocator().resident_bytes(),
            live_pages.size() * kPage * 11 / 10 + records);
  for (void* block : blocks) {
    if (block != nullptr) Free(block, kSize);
  }
}

// A block that grows in small steps moves once a doubling, by its pages; what
// it left behind is not accessible, and nothing of the room is in memory.
TEST_F(MemoryTest, ALargeBlockGrowsInPlaceMostOfTheTime) {
  size_t size = kMebibyte;
  auto* block = static_cast<unsigned char*>(Allocate(size));
  memset(block, 1, size);
  int moves = 0;
  while (size < 128 * kMebibyte) {
    size_t grown = size + kMebibyte;
    auto* now =
        static_cast<unsigned char*>(allocator().Remap(block, size, 8, grown));
    ASSERT_NE(now, nullptr);
    moves += now != block;
    block = now;
    memset(block + size, static_cast<int>(grown / kMebibyte), kMebibyte);
    size = grown;
  }
  EXPECT_LE(moves, 8);
  EXPECT_LT(allocator().resident_bytes(), size + 4 * kMebibyte);
  for (size_t i = 0; i < size; i += kMebibyte) {
    EXPECT_EQ(block[i], i / kMebibyte + 1);
  }
  Free(block, size);
  EXPECT_EQ(Finish(), Verdict::kOk);
}

TEST_F(MemoryTest, EverythingGoesBackAtTheEnd) {
  for (bool hides_pages : {false, true}) {
    CountingAllocator backing(SystemPages());
    backing.hides_pages = hides_pages;
    RecordingSink sink;
    DebugAllocator memory(backing);
    memory.SetErrorSink(&sink);
    for (int i = 0; i < 20'000; ++i) {
      size_t size = 1 + static_cast<size_t>(i) * 7919 % 50'000;
      memory.Deallocate(memory.Allocate(size, 8), size, 8);
    }
    memory.FinishWithoutChecks();
    EXPECT_EQ(backing.blocks_out(), 0u);
    EXPECT_TRUE(sink.errors().empty());
  }
}

TEST_F(MemoryTest, ABackingWithoutPagesGetsSpansBackWhileRunning) {
  CountingAllocator backing(SystemPages());
  backing.hides_pages = true;
  Options options;
  options.quarantine_size = kMebibyte;
  options.retain_metadata = false;
  DebugAllocator memory(backing, options);
  for (int i = 0; i < 100'000; ++i) {
    memory.Deallocate(memory.Allocate(1000, 8), 1000, 8);
  }
  EXPECT_LT(backing.bytes_out(), 8 * kMebibyte) << "100 MB went through";
  memory.FinishWithoutChecks();
}

// What one operation costs does not grow with how many blocks live: a million
// live blocks take records of at most 32 bytes each, spans and page map
// included, and the depot.
TEST_F(MemoryTest, RecordsAreBelowThirtyTwoBytesABlock) {
  Options options = BaseOptions();
  options.stack_trace_frames = 0;
  Make(options);
  constexpr uint64_t kBlocks = 500'000;
  std::vector<void*> blocks;
  for (uint64_t i = 0; i < kBlocks; ++i) blocks.push_back(Allocate(64));
  EXPECT_LE(allocator().statistics().metadata_bytes,
            kBlocks * 28 + 2 * kMebibyte);
  for (void* block : blocks) Free(block, 64);
}

}  // namespace
}  // namespace dbgalloc::testing_support
