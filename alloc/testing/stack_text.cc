#include "alloc/testing/stack_text.h"

#include "alloc/report/reporter.h"

namespace dbgalloc {

std::string StackText(uint32_t stack) {
  constexpr size_t kLongest = 16 << 10;
  std::string text(kLongest, '\0');
  text.resize(
      report::GlobalReporter().FormatStack(stack, text.data(), text.size()));
  return text;
}

}  // namespace dbgalloc
