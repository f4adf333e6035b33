// libdbgalloc.so has no C++ runtime. Where nothing is optimized, one function
// of it is still named: the range check of std::string_view::substr, which
// holds wherever we call that. Defined here, hidden, so that nothing is
// missing.
#include "alloc/base/check.h"

extern "C" [[noreturn]] void OutOfRange(const char* format, ...) asm(
    "_ZSt24__throw_out_of_range_"
    "fmtPKcz");

void OutOfRange(const char* format, ...) {
  dbgalloc::base::CheckFailed({"std::string_view", 0, format});
}
