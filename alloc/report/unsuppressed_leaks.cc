#include "alloc/report/unsuppressed_leaks.h"

#include "alloc/os/pages.h"

namespace dbgalloc::report {
namespace {

LeakGroup* TakeGroups(size_t count, size_t* bytes) {
  const size_t page = os::PageSize();
  *bytes = (count * sizeof(LeakGroup) + page - 1) / page * page;
  return static_cast<LeakGroup*>(os::MapPages(*bytes, page));
}

}  // namespace

UnsuppressedLeaks::UnsuppressedLeaks(const LeakReport& report,
                                     const Options& options,
                                     ProcessSuppressions& suppressions,
                                     FrameSource& frames)
    : report_(report) {
  if (report.group_count == 0) return;
  if (!suppressions.Concern(ErrorKind::kLeak, options)) return;
  kept_ = TakeGroups(report.group_count, &kept_bytes_);
  if (kept_ == nullptr) return;
  report_.groups = kept_;
  report_.group_count = 0;
  Suppression* holders_rule = nullptr;
  uint32_t holder = 0;
  for (size_t i = 0; i < report.group_count; ++i) {
    const LeakGroup& group = report.groups[i];
    Suppression* rule =
        suppressions.FindStack(ErrorKind::kLeak, group.stack, options, frames);
    // What a suppressed group holds goes with it.
    if (!group.held) {
      holders_rule = rule;
      holder = group.stack;
    } else if (rule == nullptr && group.holder == holder) {
      rule = holders_rule;
    }
    if (rule == nullptr) {
      kept_[report_.group_count++] = group;
      continue;
    }
    rule->errors += group.blocks;
    rule->bytes += group.bytes;
    report_.blocks -= group.blocks;
    report_.bytes -= group.bytes;
    if (group.held) {
      report_.held_blocks -= group.blocks;
      report_.held_bytes -= group.bytes;
    }
  }
}

UnsuppressedLeaks::~UnsuppressedLeaks() {
  if (kept_ != nullptr) os::ReleasePages(kept_, kept_bytes_);
}

}  // namespace dbgalloc::report
