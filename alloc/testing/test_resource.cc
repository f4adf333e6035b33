#include "dbgalloc/testing/test_resource.h"

#include <atomic>
#include <cstdint>
#include <new>

#include "alloc/base/text_writer.h"
#include "alloc/os/raw_io.h"
#include "alloc/report/reporter.h"

namespace dbgalloc {
namespace {

// An Allocator knows no empty blocks.
constexpr std::size_t AtLeastOne(std::size_t size) {
  return size == 0 ? 1 : size;
}

void RaiseTo(std::atomic<int64_t>& maximum, int64_t value) {
  int64_t most = maximum.load();
  while (value > most && !maximum.compare_exchange_weak(most, value)) {
  }
}

bool IsBoundsError(ErrorKind kind) {
  return kind == ErrorKind::kHeapBufferOverflow ||
         kind == ErrorKind::kHeapBufferUnderflow ||
         kind == ErrorKind::kWriteAfterFree;
}

}  // namespace

const char* AllocationLimitReached::what() const noexcept {
  return "dbgalloc: the allocation limit of a TestResource was reached";
}

// A mistake that the test makes on purpose leaves the exit status alone.
void TestResource::Errors::OnError(const ErrorRecord& record) {
  (IsBoundsError(record.kind) ? bounds : mismatches).fetch_add(1);
  if (is_quiet) return;
  Options own = options;
  if (is_no_abort) {
    own.halt_on_error = false;
    own.exitcode = 0;
  }
  report::OptionsErrorSink(own).OnError(record);
}

void TestResource::Errors::OnLeaks(const LeakReport& leaks) {
  if (is_quiet) return;
  Options own = options;
  if (is_no_abort) own.leak_exitcode = 0;
  report::OptionsErrorSink(own).OnLeaks(leaks);
}

TestResource::TestResource(const char* name) : TestResource(name, Options()) {}

TestResource::TestResource(const char* name, const Options& options)
    : name_(name),
      errors_(Options::ForInstance(options)),
      memory_(errors_.options) {
  memory_.SetErrorSink(&errors_);
}

TestResource::~TestResource() {
  const bool is_good = memory_.Finish() == Verdict::kOk && !has_errors();
  if (is_good || errors_.is_no_abort) return;
  char line[256];
  base::TextWriter out(line, sizeof(line));
  out.Text("dbgalloc: TestResource ").Terminated(name_);
  out.Text(" ends the process: see the report above\n");
  os::WriteAll(os::kStandardError, out.view());
  os::AbortNow();
}

int64_t TestResource::status() const {
  if (has_errors()) return mismatches() + bounds_errors();
  return blocks_in_use() == 0 ? 0 : -1;
}

// False: the limit is used up. Threads share what is left of it.
bool TestResource::TakeFromLimit() {
  int64_t limit = limit_.load();
  while (limit > 0 && !limit_.compare_exchange_weak(limit, limit - 1)) {
  }
  return limit != 0;
}

void TestResource::NoteMaximum() {
  const DebugAllocatorStatistics figures = Figures();
  RaiseTo(max_blocks_, Signed(figures.live_blocks));
  RaiseTo(max_bytes_, Signed(figures.live_bytes));
}

void* TestResource::do_allocate(std::size_t size, std::size_t alignment) {
  allocations_.fetch_add(1);
  if (!TakeFromLimit()) throw AllocationLimitReached(size, alignment);
  const std::size_t bytes = AtLeastOne(size);
  void* block = memory_.Allocate(bytes, alignment);
  if (block == nullptr) throw std::bad_alloc();
  NoteMaximum();
  last_allocated_.size = bytes;
  last_allocated_.address = block;
  return block;
}

void TestResource::do_deallocate(void* block, std::size_t size,
                                 std::size_t alignment) {
  deallocations_.fetch_add(1);
  if (block == nullptr) return;
  const std::size_t bytes = AtLeastOne(size);
  memory_.Deallocate(block, bytes, alignment);
  last_deallocated_.size = bytes;
  last_deallocated_.address = block;
}

}  // namespace dbgalloc
