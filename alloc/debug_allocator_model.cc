#include "alloc/debug_allocator_model.h"

#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <memory>

#include "dbgalloc/options.h"
#include "dbgalloc/page_allocator.h"
#include "dbgalloc/static_buffer_allocator.h"

namespace dbgalloc::testing_support {
namespace {

constexpr size_t kMostBlocks = 300;

#define MODEL_CHECK(condition) \
  ((condition) ? (void)0 : Differ(#condition, __LINE__))

[[noreturn]] void Differ(const char* condition, int line) {
  std::fprintf(stderr, "the model differs, line %d: %s\n", line, condition);
  std::abort();
}

size_t ChooseSize(Decisions& decisions) {
  switch (decisions.Byte() % 8) {
    case 0:
      return 1 + decisions.Below(8);
    case 1:
    case 2:
    case 3:
      return 1 + decisions.Below(300);
    case 4:
    case 5:
      return 1 + decisions.Below(5000);
    case 6:
      return 1 + decisions.Below(40'000);
    default:
      return 1 + decisions.Below(600'000);
  }
}

size_t ChooseAlignment(Decisions& decisions) {
  uint32_t choice = decisions.Byte();
  return size_t{1} << (choice < 200 ? choice % 5 : choice % 17);
}

}  // namespace

// --- Sinks and backings -----------------------------------------------------

void NoErrorsSink::OnError(const ErrorRecord& record) {
  if (record.kind == ErrorKind::kMemoryLimit) return;
  std::fprintf(stderr, "a report of kind %d at %#" PRIxPTR ", operation %d\n",
               static_cast<int>(record.kind), record.address,
               static_cast<int>(record.operation));
  std::abort();
}

void NoErrorsSink::OnLeaks(const LeakReport& report) {
  MODEL_CHECK(expects_leaks);
  leaked_blocks = report.blocks;
}

bool RefusingAllocator::Refuses() {
  uint64_t call = calls_++;
  if (refuse_one_in != 0) {
    // Any generator will do; its upper bits are the good ones.
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    if ((seed >> 33) % refuse_one_in == 0) return true;
  }
  return refuses_on ? call >= refuse_at : call == refuse_at;
}

void* RefusingAllocator::Allocate(size_t size, size_t alignment) {
  if (Refuses() || !HasRoomFor(size)) return nullptr;
  void* block = memory_.Allocate(size, alignment);
  if (block != nullptr) bytes_out_ += size;
  return block;
}

bool RefusingAllocator::Resize(void* block, size_t size, size_t alignment,
                               size_t new_size) {
  if (Refuses()) return false;
  if (new_size > size && !HasRoomFor(new_size - size)) return false;
  if (!memory_.Resize(block, size, alignment, new_size)) return false;
  bytes_out_ += new_size - size;
  return true;
}

void* RefusingAllocator::Remap(void* block, size_t size, size_t alignment,
                               size_t new_size) {
  if (Refuses()) return nullptr;
  if (new_size > size && !HasRoomFor(new_size - size)) return nullptr;
  void* moved = memory_.Remap(block, size, alignment, new_size);
  if (moved != nullptr) bytes_out_ += new_size - size;
  return moved;
}

void RefusingAllocator::Deallocate(void* block, size_t size, size_t alignment) {
  bytes_out_ -= size;
  memory_.Deallocate(block, size, alignment);
}

// --- The model --------------------------------------------------------------

// Marks the whole block, or the ends of a large one.
void AllocatorModel::Insert(unsigned char* begin, const Block& block) {
  size_t edge = block.size < 10'000 ? block.size : 1000;
  memset(begin, block.mark, edge);
  memset(begin + block.size - edge, block.mark, edge);
  auto [at, is_new] = blocks_.emplace(begin, block);
  MODEL_CHECK(is_new);
  bytes_ += block.size;
  if (at != blocks_.begin()) {
    auto before = std::prev(at);
    MODEL_CHECK(before->first + before->second.size <= begin);
  }
  if (std::next(at) != blocks_.end()) {
    MODEL_CHECK(begin + block.size <= std::next(at)->first);
  }
}

void AllocatorModel::CheckContents(Blocks::const_iterator at,
                                   size_t size) const {
  const auto& [begin, block] = *at;
  size_t edge = block.size < 10'000 ? block.size : 1000;
  for (size_t i = 0; i < edge && i < size; ++i) {
    MODEL_CHECK(begin[i] == block.mark);
  }
  for (size_t i = block.size - edge; i < size; ++i) {
    MODEL_CHECK(begin[i] == block.mark);
  }
}

void AllocatorModel::CheckAccounts() const {
  DebugAllocatorStatistics now = memory_.statistics();
  MODEL_CHECK(now.live_blocks == blocks_.size());
  MODEL_CHECK(now.live_bytes == bytes_);
  MODEL_CHECK(memory_.requested_bytes() == bytes_);
  MODEL_CHECK(now.errors == 0);
  MODEL_CHECK(limit_ == 0 || bytes_ <= limit_);
}

void AllocatorModel::Allocate(Decisions& decisions) {
  Block block = {ChooseSize(decisions), ChooseAlignment(decisions),
                 next_mark_++};
  auto* begin = static_cast<unsigned char*>(
      memory_.Allocate(block.size, block.alignment));
  if (begin == nullptr) return;
  MODEL_CHECK(reinterpret_cast<uintptr_t>(begin) % block.alignment == 0);
  Insert(begin, block);
}

void AllocatorModel::Resize(Decisions& decisions, Blocks::iterator at) {
  auto [begin, block] = *at;
  size_t size = decisions.Byte() % 2 == 0 ? ChooseSize(decisions)
                                          : block.size + decisions.Byte() % 16;
  if (!memory_.Resize(begin, block.size, block.alignment, size)) {
    CheckContents(at, block.size);
    return;
  }
  CheckContents(at, size < block.size ? size : block.size);
  blocks_.erase(at);
  bytes_ -= block.size;
  block.size = size;
  Insert(begin, block);
}

void AllocatorModel::Remap(Decisions& decisions, Blocks::iterator at) {
  auto [begin, block] = *at;
  size_t size = ChooseSize(decisions);
  auto* moved = static_cast<unsigned char*>(
      memory_.Remap(begin, block.size, block.alignment, size));
  if (moved == nullptr) {
    CheckContents(at, block.size);
    return;
  }
  MODEL_CHECK(reinterpret_cast<uintptr_t>(moved) % block.alignment == 0);
  size_t kept = size < block.size ? size : block.size;
  blocks_.erase(at);
  Blocks::iterator there = blocks_.emplace(moved, block).first;
  CheckContents(there, kept);
  blocks_.erase(there);
  bytes_ -= block.size;
  block.size = size;
  Insert(moved, block);
}

void AllocatorModel::Free(Blocks::iterator at) {
  CheckContents(at, at->second.size);
  memory_.Deallocate(at->first, at->second.size, at->second.alignment);
  bytes_ -= at->second.size;
  blocks_.erase(at);
}

AllocatorModel::Blocks::iterator AllocatorModel::Choose(Decisions& decisions) {
  auto at = blocks_.begin();
  std::advance(at, decisions.Below(static_cast<uint32_t>(blocks_.size())));
  return at;
}

void AllocatorModel::Play(Decisions& decisions) {
  while (decisions.AreLeft()) {
    uint32_t choice = decisions.Byte() % 32;
    if (blocks_.empty() || (choice < 12 && blocks_.size() < kMostBlocks)) {
      Allocate(decisions);
    } else if (choice < 24) {
      Free(Choose(decisions));
    } else if (choice < 27) {
      Resize(decisions, Choose(decisions));
    } else if (choice < 30) {
      Remap(decisions, Choose(decisions));
    } else if (choice == 30) {
      MODEL_CHECK(memory_.CheckHeap() == 0);
    } else {
      memory_.FlushRetainedMetadata();
    }
    CheckAccounts();
  }
}

size_t AllocatorModel::FreeAllBut(size_t kept) {
  while (blocks_.size() > kept) Free(blocks_.begin());
  CheckAccounts();
  return blocks_.size();
}

// --- One life ---------------------------------------------------------------

namespace {

Options ChooseOptions(Decisions& decisions, uint64_t* limit) {
  Options options;
  constexpr size_t kPageSizes[] = {4096, 16'384, 131'072};
  options.page_size = kPageSizes[decisions.Byte() % 3];
  options.redzone = size_t{16} * (decisions.Byte() % 4);
  options.quarantine_size = size_t{1} << (10 + decisions.Byte() % 16);
  options.address_budget = size_t{1} << (16 + decisions.Byte() % 16);
  options.retain_metadata = decisions.Byte() % 2 == 0;
  options.retained_records_size = size_t{1} << (8 + decisions.Byte() % 16);
  options.never_unmap = decisions.Byte() % 8 == 0;
  options.resize_stack_traces = decisions.Byte() % 4 == 0;
  options.stack_trace_frames = decisions.Byte() % 4;
  options.backing_allocator_zeroes = false;
  if (decisions.Byte() % 8 == 0) options.check_heap_every = 7;
  *limit = decisions.Byte() % 4 == 0 ? 1 + decisions.Below(1 << 20) : 0;
  options.memory_limit = *limit;
  return options;
}

// Over `backing`, which gets everything back.
void PlayOver(RefusingAllocator& backing, Decisions decisions) {
  NoErrorsSink sink;
  uint64_t limit = 0;
  Options options = ChooseOptions(decisions, &limit);
  size_t left = 0;
  {
    auto checked = std::make_unique<DebugAllocator>(backing, options);
    checked->SetErrorSink(&sink);
    if (checked->ok()) {
      AllocatorModel model(*checked, limit);
      size_t kept = decisions.Byte() % 3;
      model.Play(decisions);
      left = model.FreeAllBut(kept);
    }
    sink.expects_leaks = left != 0;
    Verdict verdict = checked->Finish();
    MODEL_CHECK((verdict == Verdict::kLeak) == (left != 0));
    MODEL_CHECK(sink.leaked_blocks == left);
  }
  MODEL_CHECK(backing.bytes_out() == 0);
}

void ChooseRefusals(Decisions& decisions, RefusingAllocator* backing) {
  if (decisions.Byte() % 2 == 0) backing->refuse_at = decisions.Below(200);
  backing->refuses_on = decisions.Byte() % 2 == 0;
}

}  // namespace

void PlayOneLife(const uint8_t* bytes, size_t size) {
  Decisions decisions(bytes, size);
  uint32_t choice = decisions.Byte();
  if (choice % 3 == 0) {
    size_t capacity = size_t{32 << 10} << decisions.Byte() % 8;
    auto buffer = std::make_unique<unsigned char[]>(capacity);
    StaticBufferAllocator memory(buffer.get(), capacity);
    size_t before = memory.free_bytes();
    RefusingAllocator backing(memory, false);
    ChooseRefusals(decisions, &backing);
    PlayOver(backing, decisions);
    MODEL_CHECK(memory.free_bytes() == before);
    MODEL_CHECK(memory.largest_free() == before);
  } else {
    RefusingAllocator backing(SystemPages(), choice % 3 == 1);
    ChooseRefusals(decisions, &backing);
    PlayOver(backing, decisions);
  }
}

uint64_t PlayWithRefusal(const uint8_t* bytes, size_t size, uint64_t refused,
                         bool refuses_on) {
  RefusingAllocator backing(SystemPages(), false);
  backing.refuse_at = refused;
  backing.refuses_on = refuses_on;
  PlayOver(backing, Decisions(bytes, size));
  return backing.calls();
}

void PlayAtCapacity(const uint8_t* bytes, size_t size, uint64_t capacity,
                    uint64_t seed) {
  for (bool hides_pages : {false, true}) {
    RefusingAllocator backing(SystemPages(), hides_pages);
    backing.capacity = capacity;
    backing.refuse_one_in = 5;
    backing.seed = seed;
    PlayOver(backing, Decisions(bytes, size));
  }
}

}  // namespace dbgalloc::testing_support
