// Whether a stack goes through a function, file or module with a given name.
#ifndef DBGALLOC_ALLOC_FAIL_STACK_PATTERN_H_
#define DBGALLOC_ALLOC_FAIL_STACK_PATTERN_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace dbgalloc::fail {

// One pattern in the language of suppression files (see
// alloc/report/name_pattern.h), held against the function, the source file and
// the module of every frame, inlined calls included. The verdict on a stack is
// remembered, since names cost much more than an allocation.
//
// Threads: any, apart from Set() and Release(). Constant-initialized, trivially
// destroyed; memory for the verdicts comes straight from the kernel, and when
// it is refused every look-up is a slow one.
class StackPattern {
 public:
  constexpr StackPattern() = default;
  StackPattern(const StackPattern&) = delete;
  StackPattern& operator=(const StackPattern&) = delete;

  // `pattern` must outlive this. Empty: matches everything, at no cost.
  void Set(std::string_view pattern);

  bool empty() const { return pattern_.empty(); }

  // Whether the pattern occurs in the stack with this id. Unknown stacks match
  // no pattern.
  bool Matches(uint32_t stack);

  // Gives the memory back.
  void Release();

 private:
  // A stack id and its verdict: id * 2 + matches. 0: nothing yet.
  using Verdict = std::atomic<uint64_t>;
  static constexpr size_t kVerdicts = 8192;

  bool LookUp(uint32_t stack) const;

  std::string_view pattern_;
  Verdict* verdicts_ = nullptr;
};

}  // namespace dbgalloc::fail

#endif  // DBGALLOC_ALLOC_FAIL_STACK_PATTERN_H_
