#include "alloc/debug_allocator_test_support.h"

#include <cstring>

#include "alloc/stack/stack_depot.h"
#include "alloc/stack/symbolizer.h"

// Where blocks lie and when damage comes to light is what most tests are about:
// guard pages are for those that ask for them.
extern "C" const char* __dbgalloc_default_options() { return "guard=none"; }

namespace dbgalloc::testing_support {

// --- RecordingSink ----------------------------------------------------------

void RecordingSink::OnError(const ErrorRecord& record) {
  std::lock_guard<std::mutex> holder(mutex_);
  errors_.push_back(record);
}

void RecordingSink::OnLeaks(const LeakReport& report) {
  std::lock_guard<std::mutex> holder(mutex_);
  leaks_.push_back({{report.groups, report.groups + report.group_count},
                    report.blocks,
                    report.bytes,
                    report.operation});
}

void RecordingSink::OnTrace(const OperationTrace& trace) {
  std::lock_guard<std::mutex> holder(mutex_);
  traces_.push_back(trace);
}

std::vector<OperationTrace> RecordingSink::TakeTraces() {
  std::vector<OperationTrace> traces;
  traces.swap(traces_);
  return traces;
}

std::vector<ErrorKind> RecordingSink::kinds() const {
  std::vector<ErrorKind> kinds;
  for (const ErrorRecord& error : errors_) kinds.push_back(error.kind);
  return kinds;
}

ErrorRecord RecordingSink::Only() const {
  EXPECT_EQ(errors_.size(), 1u);
  return errors_.empty() ? ErrorRecord() : errors_.back();
}

ErrorRecord RecordingSink::TakeOnly() {
  ErrorRecord only = Only();
  errors_.clear();
  return only;
}

void RecordingSink::Clear() {
  errors_.clear();
  leaks_.clear();
  traces_.clear();
}

// --- Stacks -----------------------------------------------------------------

namespace {

std::string FunctionsAt(uintptr_t program_counter) {
  stack::SymbolFrame frames[8];
  size_t count = stack::Symbolize(program_counter, frames, 8);
  std::string functions;
  for (size_t i = 0; i < count; ++i) {
    functions += frames[i].function;
    functions += '\n';
  }
  return functions;
}

}  // namespace

std::string NewestFunction(uint32_t stack) {
  const uintptr_t* frames = nullptr;
  size_t count = stack::GlobalStackDepot().Get(stack, &frames);
  return count == 0 ? "" : FunctionsAt(frames[0]);
}

std::string FunctionsOf(uint32_t stack) {
  const uintptr_t* frames = nullptr;
  size_t count = stack::GlobalStackDepot().Get(stack, &frames);
  std::string functions;
  for (size_t i = 0; i < count; ++i) functions += FunctionsAt(frames[i]);
  return functions;
}

size_t FrameCount(uint32_t stack) {
  const uintptr_t* frames = nullptr;
  return stack::GlobalStackDepot().Get(stack, &frames);
}

// --- CountingAllocator ------------------------------------------------------

bool CountingAllocator::Refuses() {
  ++calls;
  if (calls_until_refusal == kNever) return false;
  if (calls_until_refusal == 0) return true;
  --calls_until_refusal;
  return false;
}

void CountingAllocator::Change(void* block, size_t size, size_t alignment,
                               void* new_block, size_t new_size) {
  auto at = out_.find(block);
  ASSERT_NE(at, out_.end()) << "not from here";
  EXPECT_EQ(at->second.size, size);
  EXPECT_EQ(at->second.alignment, alignment);
  out_.erase(at);
  if (new_block != nullptr) out_[new_block] = {new_size, alignment};
}

void* CountingAllocator::Allocate(size_t size, size_t alignment) {
  std::lock_guard<std::mutex> holder(mutex_);
  if (Refuses()) return nullptr;
  void* block = memory_.Allocate(size, alignment);
  if (block == nullptr) return nullptr;
  if (dirt >= 0) memset(block, dirt, size);
  EXPECT_TRUE(out_.emplace(block, Out{size, alignment}).second);
  return block;
}

bool CountingAllocator::Resize(void* block, size_t size, size_t alignment,
                               size_t new_size) {
  std::lock_guard<std::mutex> holder(mutex_);
  if (Refuses()) return false;
  if (!memory_.Resize(block, size, alignment, new_size)) return false;
  Change(block, size, alignment, block, new_size);
  return true;
}

void* CountingAllocator::Remap(void* block, size_t size, size_t alignment,
                               size_t new_size) {
  std::lock_guard<std::mutex> holder(mutex_);
  if (Refuses()) return nullptr;
  void* moved = memory_.Remap(block, size, alignment, new_size);
  if (moved == nullptr) return nullptr;
  Change(block, size, alignment, moved, new_size);
  return moved;
}

void CountingAllocator::Deallocate(void* block, size_t size, size_t alignment) {
  std::lock_guard<std::mutex> holder(mutex_);
  Change(block, size, alignment, nullptr, 0);
  memory_.Deallocate(block, size, alignment);
}

size_t CountingAllocator::blocks_out() const {
  std::lock_guard<std::mutex> holder(mutex_);
  return out_.size();
}

size_t CountingAllocator::bytes_out() const {
  std::lock_guard<std::mutex> holder(mutex_);
  size_t bytes = 0;
  for (const auto& [block, out] : out_) bytes += out.size;
  return bytes;
}

// --- DebugAllocatorTest -----------------------------------------------------

Options DebugAllocatorTest::BaseOptions() { return Options(); }

DebugAllocator& DebugAllocatorTest::Make(const Options& options) {
  delete allocator_;
  allocator_ = new DebugAllocator(options);
  allocator_->SetErrorSink(&sink_);
  return *allocator_;
}

DebugAllocator& DebugAllocatorTest::allocator() {
  return allocator_ == nullptr ? Make(BaseOptions()) : *allocator_;
}

void* DebugAllocatorTest::Reallocate(void* block, size_t size, size_t alignment,
                                     size_t new_size, size_t new_alignment) {
  if (new_alignment == alignment) {
    void* moved = allocator().Remap(block, size, alignment, new_size);
    if (moved != nullptr) return moved;
  }
  void* fresh = allocator().Allocate(new_size, new_alignment);
  if (fresh == nullptr) return nullptr;
  memcpy(fresh, block, size < new_size ? size : new_size);
  allocator().Deallocate(block, size, alignment);
  return fresh;
}

Verdict DebugAllocatorTest::Finish() {
  Verdict verdict = allocator().Finish();
  delete allocator_;
  allocator_ = nullptr;
  return verdict;
}

DebugAllocatorTest::~DebugAllocatorTest() {
  delete allocator_;
  EXPECT_EQ(sink_.kinds(), std::vector<ErrorKind>()) << "nobody looked";
  EXPECT_EQ(sink_.leaks().size(), 0u) << "nobody looked";
}

unsigned char* Bytes(void* block) { return static_cast<unsigned char*>(block); }

uintptr_t AddressOf(const void* block) {
  return reinterpret_cast<uintptr_t>(block);
}

}  // namespace dbgalloc::testing_support
