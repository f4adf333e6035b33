// What a small block costs in memory beside the bytes that were asked for:
// records, and the slot's redzone and slack. Run it on dbgalloc's malloc.
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "dbgalloc/c_api.h"

namespace {

constexpr size_t kBlocks = 1'000'000;

dbgalloc_stats Ask() {
  dbgalloc_stats stats = {};
  dbgalloc_get_stats(&stats, sizeof(stats));
  return stats;
}

}  // namespace

int main() {
  if (!dbgalloc_is_active || !dbgalloc_is_active()) return 1;
  std::vector<void*> blocks(kBlocks);
  printf("| bytes asked for | records | redzone and slack |\n|---|---|---|\n");
  for (size_t size : {1, 16, 64, 100, 256, 1000}) {
    const dbgalloc_stats before = Ask();
    for (void*& block : blocks) block = malloc(size);
    const dbgalloc_stats after = Ask();
    const auto each = [](uint64_t total) {
      return static_cast<double>(total) / kBlocks;
    };
    printf(
        "| %zu | %.1f | %.1f |\n", size,
        each(after.metadata_bytes - before.metadata_bytes),
        each(after.span_bytes - before.span_bytes) - static_cast<double>(size));
    for (void* block : blocks) free(block);
  }
  return 0;
}
