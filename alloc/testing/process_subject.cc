#include "alloc/testing/process_subject.h"

#include <cstdio>
#include <map>

#include "alloc/testing/join.h"
#include "dbgalloc/c_api.h"

namespace dbgalloc {
namespace {

// Turned on between runs, it fails nothing and writes nothing.
constexpr char kCountOnly[] = "fail_index=0x7fffffffffffffff:fail_notes=0";

constexpr size_t kOptionsSize = 128;

void WriteOptions(const std::optional<FailurePoint>& point,
                  char (&options)[kOptionsSize]) {
  if (!point) {
    std::snprintf(options, kOptionsSize, "%s", kCountOnly);
    return;
  }
  std::snprintf(
      options, kOptionsSize, "fail_notes=0:%s=%llu:fail_mode=%s",
      point->mode == FailureMode::kResize ? "resize_fail_index" : "fail_index",
      static_cast<unsigned long long>(point->index),
      point->mode == FailureMode::kFrom ? "from" : "once");
}

std::string FormatStack(uint32_t stack) {
  std::string text(8192, '\0');
  text.resize(dbgalloc_format_stack(stack, text.data(), text.size()));
  return text;
}

// What was allocated during one run and is not free yet. What an observer
// allocates is not observed.
class LiveBlocks {
 public:
  void Note(const dbgalloc_operation& operation) {
    if (operation.kind == DBGALLOC_FREED) {
      blocks_.erase(operation.block);
      return;
    }
    if (operation.kind == DBGALLOC_RESIZED) blocks_.erase(operation.old_block);
    blocks_[operation.block] = {operation.size, operation.stack};
  }

  std::string Text() const {
    std::string text;
    for (const auto& [address, block] : blocks_) {
      text += Join("  ", block.size, " bytes, allocated\n",
                   FormatStack(block.stack));
    }
    return text;
  }

 private:
  struct Block {
    size_t size;
    uint32_t stack;
  };
  std::map<const void*, Block> blocks_;
};

LiveBlocks* live_blocks = nullptr;

void NoteOperation(const dbgalloc_operation* operation) {
  live_blocks->Note(*operation);
}

dbgalloc_stats Statistics() {
  dbgalloc_stats statistics = {};
  dbgalloc_get_stats(&statistics, sizeof(statistics));
  return statistics;
}

}  // namespace

std::string ProcessSubject::Obstacle() const {
  const bool is_there = dbgalloc_set_fail_options != nullptr &&
                        dbgalloc_is_active != nullptr && dbgalloc_is_active();
  if (is_there) return {};
  return "dbgalloc does not serve malloc of this program: give the test malloc "
         "= \"@dbgalloc//:malloc\", or let the function take an Allocator&";
}

// Nothing but the function allocates between the two looks at the heap.
RunFacts ProcessSubject::Run(const std::optional<FailurePoint>& point) {
  char options[kOptionsSize];
  WriteOptions(point, options);
  RunFacts facts;
  dbgalloc_fail_counts counts = {};
  const dbgalloc_stats before = Statistics();
  dbgalloc_set_fail_options(options);
  RunGuarded(
      function_,
      [&counts] {
        dbgalloc_get_fail_counts(&counts, sizeof(counts));
        dbgalloc_set_fail_options("");
      },
      &facts);
  const dbgalloc_stats after = Statistics();
  facts.allocations = counts.allocations;
  facts.resizes = counts.resizes;
  facts.has_failed = counts.failures != 0;
  failure_stack_ = counts.last_stack;
  const bool own_block = facts.exception.capacity() > std::string().capacity();
  if (after.live_blocks > before.live_blocks + (own_block ? 1 : 0)) {
    facts.leaks =
        Join("  ", after.live_blocks - before.live_blocks, " blocks, ",
             after.live_bytes - before.live_bytes, " bytes, stayed\n");
  }
  if (after.errors > before.errors) facts.errors = "  see the report above\n";
  return facts;
}

RunFacts ProcessSubject::RunAgainForLeaks(const FailurePoint& point) {
  live_blocks = new LiveBlocks();
  dbgalloc_set_observer(&NoteOperation);
  RunFacts facts = Run(point);
  dbgalloc_set_observer(nullptr);
  if (!facts.leaks.empty()) facts.leaks += live_blocks->Text();
  delete live_blocks;
  live_blocks = nullptr;
  return facts;
}

std::string ProcessSubject::FailureStack() const {
  return FormatStack(failure_stack_);
}

}  // namespace dbgalloc
