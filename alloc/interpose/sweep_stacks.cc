#include "alloc/interpose/sweep_stacks.h"

#include <link.h>
#include <string.h>

#include "alloc/base/text_writer.h"
#include "alloc/os/env.h"
#include "alloc/os/pages.h"
#include "alloc/os/raw_io.h"
#include "alloc/stack/modules.h"
#include "alloc/stack/stack_depot.h"
#include "alloc/stack/stack_recorder.h"
#include "alloc/stack/symbolizer.h"
#include "dbgalloc/options.h"

namespace dbgalloc::interpose {
namespace {

using base::TextWriter;
using fail::SweepBoard;
using fail::SweepFrame;
using fail::SweepPoint;
using fail::SweepStack;

constexpr size_t kFirstCapacity = 4096;
constexpr size_t kMaxInlined = 16;

// The module's number on the board, which it gets now if it has none.
uint32_t NumberOfModule(SweepBoard& board, const char* path) {
  const uint32_t count = board.module_count.load();
  for (uint32_t i = 0; i < count; ++i) {
    if (strcmp(board.modules[i], path) == 0) return i;
  }
  if (count == fail::kSweepModules) return count - 1;
  strncpy(board.modules[count], path, sizeof(board.modules[count]) - 1);
  board.module_count.store(count + 1);
  return count;
}

struct ModuleSearch {
  const char* path;
  uintptr_t bias;
  bool found;
};

int VisitModule(dl_phdr_info* info, size_t, void* context) {
  auto* search = static_cast<ModuleSearch*>(context);
  const char* name = info->dlpi_name;
  if (name[0] == '\0') name = os::ProgramPath().data();
  if (name == nullptr || strcmp(name, search->path) != 0) return 0;
  search->bias = info->dlpi_addr;
  search->found = true;
  return 1;
}

// Where a frame is in this process; 0: its module is not loaded.
uintptr_t AddressOf(const SweepBoard& board, const SweepFrame& frame) {
  ModuleSearch search{board.modules[frame.module], 0, false};
  dl_iterate_phdr(&VisitModule, &search);
  return search.found ? search.bias + frame.offset : 0;
}

void DescribeFrame(uintptr_t counter, uint64_t point, int which, size_t number,
                   TextWriter& out) {
  stack::SymbolFrame frames[kMaxInlined];
  const size_t count = stack::Symbolize(counter, frames, kMaxInlined);
  for (size_t i = 0; i < count; ++i) {
    out.Dec(point).Char('\t').Dec(static_cast<uint64_t>(which)).Char('\t');
    out.Dec(number).Char('\t').Terminated(frames[i].function).Char('\t');
    out.Terminated(frames[i].file).Char('\t');
    out.Dec(static_cast<uint64_t>(frames[i].line)).Char('\n');
  }
}

void DescribeStack(const SweepBoard& board, const SweepStack& stack,
                   uint64_t point, int which, TextWriter& out) {
  for (size_t i = 0; i < stack.count; ++i) {
    const uintptr_t counter = AddressOf(board, stack.frames[i]);
    if (counter != 0) DescribeFrame(counter, point, which, i, out);
  }
}

void FlushTo(void* context, std::string_view text) {
  os::WriteAll(*static_cast<int*>(context), text);
}

}  // namespace

StackCounts::Entry* StackCounts::Find(uint64_t key) const {
  size_t at = static_cast<size_t>(key * 0x9e3779b97f4a7c15u >> 32);
  for (;; ++at) {
    Entry* entry = &entries_[at & (capacity_ - 1)];
    if (entry->key == key || entry->key == 0) return entry;
  }
}

bool StackCounts::Grow() {
  const size_t capacity = capacity_ == 0 ? kFirstCapacity : capacity_ * 2;
  auto* entries = static_cast<Entry*>(
      os::MapPages(capacity * sizeof(Entry), os::PageSize()));
  if (entries == nullptr) return false;
  Entry* old = entries_;
  const size_t old_capacity = capacity_;
  entries_ = entries;
  capacity_ = capacity;
  for (size_t i = 0; i < old_capacity; ++i) {
    if (old[i].key != 0) *Find(old[i].key) = old[i];
  }
  if (old != nullptr) os::ReleasePages(old, old_capacity * sizeof(Entry));
  return true;
}

uint64_t StackCounts::Count(uint32_t stack, bool is_resize) {
  if ((used_ + 1) * 2 > capacity_ && !Grow()) return 0;
  Entry* entry = Find(uint64_t{stack} * 4 + (is_resize ? 2 : 0) + 1);
  if (entry->key == 0) {
    entry->key = uint64_t{stack} * 4 + (is_resize ? 2 : 0) + 1;
    ++used_;
  }
  return entry->count++;
}

uint32_t RecordRequestStack(const debug::CallerFrame& caller) {
  const Options& options = Options::FromEnvironment();
  constexpr stack::UnwindMethod kMethods[] = {
      stack::UnwindMethod::kAuto, stack::UnwindMethod::kFramePointer,
      stack::UnwindMethod::kTables};
  return stack::RecordStack(
      caller, static_cast<size_t>(options.stack_trace_frames),
      kMethods[static_cast<size_t>(options.unwind.value())]);
}

void KeepStack(SweepBoard& board, uint32_t stack, SweepStack* kept) {
  const uintptr_t* counters = nullptr;
  size_t count = stack::GlobalStackDepot().Get(stack, &counters);
  if (count > fail::kSweepFrames) count = fail::kSweepFrames;
  for (size_t i = 0; i < count; ++i) {
    stack::ModuleInfo module;
    stack::DescribeModule(counters[i], &module);
    kept->frames[i].offset = module.base == 0 && module.path[0] == '\0'
                                 ? counters[i]
                                 : module.offset;
    kept->frames[i].module = NumberOfModule(board, module.path);
  }
  kept->count = static_cast<uint32_t>(count);
}

void DescribeStacks(SweepBoard& board) {
  char path[sizeof(board.folder) + 8];
  TextWriter name(path, sizeof(path) - 1);
  name.Terminated(board.folder).Text("/names");
  path[name.view().size()] = '\0';
  int file = os::OpenForAppend(path);
  if (file < 0) return;
  char buffer[4096];
  TextWriter out(buffer, sizeof(buffer), &FlushTo, &file);
  const uint64_t count = board.point_count.load();
  for (uint64_t i = 0; i < count; ++i) {
    DescribeStack(board, board.points[i].stack, i, 0, out);
    DescribeStack(board, board.points[i].other, i, 1, out);
  }
  out.Flush();
  os::Close(file);
}

}  // namespace dbgalloc::interpose
