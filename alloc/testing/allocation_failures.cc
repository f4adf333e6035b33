#include "dbgalloc/testing/allocation_failures.h"

#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>

namespace dbgalloc {
namespace {

std::optional<FailureShard>& TakenShard() {
  static std::optional<FailureShard> shard;
  return shard;
}

}  // namespace

void TakeShardsForSweeps() {
  const char* total = std::getenv("TEST_TOTAL_SHARDS");
  const char* index = std::getenv("TEST_SHARD_INDEX");
  if (total == nullptr || index == nullptr) return;
  const FailureShard shard = {std::strtoull(index, nullptr, 10),
                              std::strtoull(total, nullptr, 10)};
  if (shard.index >= shard.total) return;
  // By this Bazel knows that the shards were heeded.
  if (const char* status = std::getenv("TEST_SHARD_STATUS_FILE")) {
    if (std::FILE* file = std::fopen(status, "w")) std::fclose(file);
  }
  TakenShard() = shard;
  // GoogleTest would share out whole tests.
  unsetenv("TEST_TOTAL_SHARDS");
  unsetenv("TEST_SHARD_INDEX");
  unsetenv("TEST_SHARD_STATUS_FILE");
}

FailureSweepOptions DefaultSweepOptions() {
  FailureSweepOptions options = FailureSweepOptions::FromEnvironment();
  if (TakenShard()) options.shard = *TakenShard();
  return options;
}

::testing::AssertionResult AssertionOf(const FailureSweepResult& result) {
  if (result.ok()) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << result.Text();
}

}  // namespace dbgalloc
