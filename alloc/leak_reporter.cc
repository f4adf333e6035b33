#include "dbgalloc/leak_reporter.h"

#include <algorithm>
#include <string_view>

#include "alloc/base/text_writer.h"
#include "alloc/os/env.h"
#include "alloc/os/raw_io.h"

namespace dbgalloc {
namespace {

void WriteToDescriptor(void* context, std::string_view text) {
  os::WriteAll(*static_cast<const int*>(context), text);
}

int ComparePlaces(const CallSite& left, const CallSite& right) {
  if (int order = std::string_view(left.file).compare(right.file)) return order;
  if (left.line != right.line) return left.line < right.line ? -1 : 1;
  return std::string_view(left.function).compare(right.function);
}

void WriteCount(base::TextWriter& out, size_t count, std::string_view noun) {
  out.Dec(count).Char(' ').Text(noun);
  if (count != 1) out.Char('s');
}

void WritePlace(base::TextWriter& out, const CallSite& site) {
  out.Terminated(site.file).Char(':').Dec(site.line);
  out.Text(" in ").Terminated(site.function);
}

void WriteBytesInBlocks(base::TextWriter& out, size_t bytes, size_t blocks) {
  WriteCount(out, bytes, "byte");
  out.Text(" in ");
  WriteCount(out, blocks, "block");
}

// A copy of all tracked blocks, or of the first few when there is no memory
// for all.
class Snapshot {
 public:
  explicit Snapshot(const TrackedBlocks& blocks)
      : memory_(blocks.memory()), capacity_(blocks.count()) {
    if (capacity_ > kFew) {
      copy_ = static_cast<TrackedBlock*>(memory_.Allocate(
          capacity_ * sizeof(TrackedBlock), alignof(TrackedBlock)));
    }
    const bool has_room = copy_ != nullptr;
    size_ = blocks.Copy(begin(), has_room ? capacity_ : kFew);
  }
  ~Snapshot() {
    if (copy_ == nullptr) return;
    memory_.Deallocate(copy_, capacity_ * sizeof(TrackedBlock),
                       alignof(TrackedBlock));
  }
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;

  TrackedBlock* begin() { return copy_ != nullptr ? copy_ : few_; }
  TrackedBlock* end() { return begin() + size_; }
  size_t size() const { return size_; }
  bool is_cut() const { return copy_ == nullptr && capacity_ > kFew; }

  size_t bytes() {
    size_t sum = 0;
    for (const TrackedBlock& block : *this) sum += block.size;
    return sum;
  }

 private:
  static constexpr size_t kFew = 64;

  Allocator& memory_;
  size_t capacity_;
  TrackedBlock* copy_ = nullptr;
  TrackedBlock few_[kFew];
  size_t size_ = 0;
};

// One for each place, in the memory of its blocks: `size` is their bytes, and
// `number` how many they are. Returns the end of the groups.
TrackedBlock* GroupByPlace(TrackedBlock* begin, TrackedBlock* end) {
  std::sort(begin, end,
            [](const TrackedBlock& left, const TrackedBlock& right) {
              return ComparePlaces(left.site, right.site) < 0;
            });
  TrackedBlock* groups_end = begin;
  for (const TrackedBlock* block = begin; block != end; ++block) {
    const bool goes_on = groups_end != begin &&
                         ComparePlaces(groups_end[-1].site, block->site) == 0;
    if (goes_on) {
      groups_end[-1].size += block->size;
      ++groups_end[-1].number;
    } else {
      *groups_end++ = *block;
      groups_end[-1].number = 1;
    }
  }
  std::sort(begin, groups_end,
            [](const TrackedBlock& left, const TrackedBlock& right) {
              if (left.size != right.size) return left.size > right.size;
              return ComparePlaces(left.site, right.site) < 0;
            });
  return groups_end;
}

// "==42==ERROR: dbgalloc: leak: 96 bytes in 3 blocks are still held".
void WriteHead(base::TextWriter& out, size_t bytes, size_t blocks) {
  out.Text("==").SignedDec(os::ProcessId()).Text("==ERROR: dbgalloc: leak: ");
  WriteBytesInBlocks(out, bytes, blocks);
  out.Text(blocks == 1 ? " is still held\n" : " are still held\n");
}

void WriteBlocks(base::TextWriter& out, Snapshot& snapshot) {
  std::sort(snapshot.begin(), snapshot.end(),
            [](const TrackedBlock& left, const TrackedBlock& right) {
              return left.number < right.number;
            });
  for (const TrackedBlock& block : snapshot) {
    out.Text("    block ").Dec(block.number).Text(": ");
    WriteCount(out, block.size, "byte");
    out.Text(" at ").Hex(reinterpret_cast<uintptr_t>(block.address));
    out.Text(", allocated at ");
    WritePlace(out, block.site);
    out.Char('\n');
  }
}

void WriteGroups(base::TextWriter& out, Snapshot& snapshot) {
  TrackedBlock* end = GroupByPlace(snapshot.begin(), snapshot.end());
  for (const TrackedBlock* group = snapshot.begin(); group != end; ++group) {
    out.Text("leaked ");
    WriteBytesInBlocks(out, group->size, group->number);
    out.Text(", allocated at ");
    WritePlace(out, group->site);
    out.Char('\n');
  }
  out.Text("SUMMARY: dbgalloc: leak ");
  WritePlace(out, snapshot.begin()->site);
  out.Char('\n');
}

}  // namespace

LeakReporter::~LeakReporter() {
  if (when_ == ReportWhen::kAtExit) Report();
}

size_t LeakReporter::Report() const {
  if (blocks_ == nullptr || blocks_->count() == 0) return 0;
  Snapshot snapshot(*blocks_);
  if (snapshot.size() == 0) return 0;
  int descriptor = descriptor_;
  char buffer[1024];
  base::TextWriter out(buffer, sizeof(buffer), WriteToDescriptor, &descriptor);
  const size_t held = snapshot.is_cut() ? blocks_->count() : snapshot.size();
  WriteHead(out, snapshot.is_cut() ? blocks_->bytes() : snapshot.bytes(), held);
  if (snapshot.is_cut()) {
    out.Text("there is no memory to list all of them; here are ");
    WriteCount(out, snapshot.size(), "block");
    out.Char('\n');
  }
  if (blocks_->missed() != 0) {
    WriteCount(out, blocks_->missed(), "more block");
    out.Text(" found no room in the table when allocated\n");
  }
  if (detail_ == ReportDetail::kVerbose) WriteBlocks(out, snapshot);
  WriteGroups(out, snapshot);
  out.Flush();
  return held;
}

}  // namespace dbgalloc
