// huge_pages=transparent and huge_pages=explicit, as the kernel tells of them.
#include <cinttypes>
#include <cstdio>
#include <fstream>
#include <string>

#include "dbgalloc/pool_allocator.h"
#include "gtest/gtest.h"

namespace dbgalloc {
namespace {

constexpr size_t kMiB = size_t{1} << 20;

void TouchEnds(void* block, size_t size) {
  static_cast<volatile char*>(block)[0] = 1;
  static_cast<volatile char*>(block)[size - 1] = 2;
}

// What /proc/self/smaps says in `line` of the mapping around the address.
std::string MappingLine(const void* address, const std::string& line) {
  std::ifstream maps("/proc/self/smaps");
  bool here = false;
  for (std::string text; std::getline(maps, text);) {
    uintptr_t begin = 0, end = 0;
    if (sscanf(text.c_str(), "%" SCNxPTR "-%" SCNxPTR " ", &begin, &end) == 2) {
      here = reinterpret_cast<uintptr_t>(address) - begin < end - begin;
    } else if (here && text.compare(0, line.size(), line) == 0) {
      return text.substr(line.size());
    }
  }
  return "";
}

size_t FreeHugePages() {
  std::ifstream facts("/proc/meminfo");
  for (std::string name, value; std::getline(facts, name);) {
    size_t count = 0;
    if (sscanf(name.c_str(), "HugePages_Free: %zu", &count) == 1) return count;
  }
  return 0;
}

TEST(PoolHugePages, TransparentHugePagesAreAskedFor) {
  Options options;
  options.huge_pages = HugePages::kTransparent;
  PoolAllocator pool(options);
  void* block = pool.Allocate(8 * kMiB, 16);
  ASSERT_NE(block, nullptr);
  TouchEnds(block, 8 * kMiB);
  EXPECT_NE(MappingLine(block, "VmFlags:").find(" hg"), std::string::npos);
  PoolAllocator plain;
  void* other = plain.Allocate(8 * kMiB, 16);
  EXPECT_EQ(MappingLine(other, "VmFlags:").find(" hg"), std::string::npos);
}

// Where too few are reserved, ordinary pages serve.
TEST(PoolHugePages, ExplicitHugePagesServeWhereTheyAreReserved) {
  Options options;
  options.huge_pages = HugePages::kExplicit;
  PoolAllocator pool(options);
  bool are_reserved = FreeHugePages() >= 2;
  void* block = pool.Allocate(4 * kMiB, 2 * kMiB);  // a mapping of its own
  ASSERT_NE(block, nullptr);
  TouchEnds(block, 4 * kMiB);
  EXPECT_EQ(MappingLine(block, "KernelPageSize:").find("2048 kB") !=
                std::string::npos,
            are_reserved);
  void* medium = pool.Allocate(4 * kMiB, 16);
  ASSERT_NE(medium, nullptr);
  TouchEnds(medium, 4 * kMiB);
  pool.Deallocate(block, 4 * kMiB, 2 * kMiB);
  pool.Deallocate(medium, 4 * kMiB, 16);
  EXPECT_EQ(pool.statistics().errors, 0u);
}

}  // namespace
}  // namespace dbgalloc
