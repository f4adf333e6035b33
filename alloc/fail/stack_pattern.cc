#include "alloc/fail/stack_pattern.h"

#include "alloc/os/pages.h"
#include "alloc/report/name_pattern.h"
#include "alloc/stack/stack_depot.h"
#include "alloc/stack/symbolizer.h"

namespace dbgalloc::fail {
namespace {

// Calls that were inlined at one place; deeper ones are not looked at.
constexpr size_t kMaxInlined = 16;

bool HasName(std::string_view pattern, uintptr_t program_counter) {
  stack::SymbolFrame frames[kMaxInlined];
  const size_t count = stack::Symbolize(program_counter, frames, kMaxInlined);
  for (size_t i = 0; i < count; ++i) {
    if (report::MatchesPattern(pattern, frames[i].function) ||
        report::MatchesPattern(pattern, frames[i].file) ||
        report::MatchesPattern(pattern, frames[i].module)) {
      return true;
    }
  }
  return false;
}

}  // namespace

void StackPattern::Set(std::string_view pattern) {
  Release();
  pattern_ = pattern;
  if (pattern.empty()) return;
  // Zero pages are verdicts of nothing.
  verdicts_ = static_cast<Verdict*>(
      os::MapPages(kVerdicts * sizeof(Verdict), os::PageSize()));
}

bool StackPattern::Matches(uint32_t stack) {
  if (stack == 0) return false;
  if (verdicts_ == nullptr) return LookUp(stack);
  Verdict& kept = verdicts_[stack * 0x9e3779b1u >> 19];
  static_assert(kVerdicts == size_t{1} << (32 - 19));
  const uint64_t known = kept.load(std::memory_order_relaxed);
  if (known >> 1 == stack) return (known & 1) != 0;
  const bool matches = LookUp(stack);
  kept.store(uint64_t{stack} << 1 | (matches ? 1 : 0),
             std::memory_order_relaxed);
  return matches;
}

bool StackPattern::LookUp(uint32_t stack) const {
  const uintptr_t* counters = nullptr;
  const size_t count = stack::GlobalStackDepot().Get(stack, &counters);
  for (size_t i = 0; i < count; ++i) {
    if (HasName(pattern_, counters[i])) return true;
  }
  return false;
}

void StackPattern::Release() {
  if (verdicts_ != nullptr) {
    os::ReleasePages(verdicts_, kVerdicts * sizeof(Verdict));
  }
  verdicts_ = nullptr;
  pattern_ = {};
}

}  // namespace dbgalloc::fail
