#include "app/name_table.h"

#include <cstddef>
#include <cstdint>
#include <vector>

#include "dbgalloc/error_record.h"
#include "dbgalloc/error_sink.h"
#include "gtest/gtest.h"

namespace {

class Recorder final : public dbgalloc::ErrorSink {
 public:
  void OnError(const dbgalloc::ErrorRecord& record) override {
    kinds.push_back(record.kind);
  }
  void OnLeaks(const dbgalloc::LeakReport& report) override {
    leaked_bytes += report.bytes;
  }

  std::vector<dbgalloc::ErrorKind> kinds;
  std::uint64_t leaked_bytes = 0;
};

TEST(NameTable, FindsANameThatWasNotRemoved) {
  Recorder recorder;
  NameTable table(&recorder);
  const char* kept = table.Add("kept");
  table.Remove(table.Add("removed"));
  EXPECT_EQ(table.FindLeaks(), 1u);
  EXPECT_EQ(recorder.leaked_bytes, sizeof("kept"));
  table.Remove(kept);
  EXPECT_EQ(table.FindLeaks(), 0u);
  EXPECT_TRUE(recorder.kinds.empty());
}

}  // namespace
