// Does what is switched on work here, in this process? Each enabled check gets
// its bug, committed on a block of a private heap; what it reports goes nowhere
// but here.
//
//   double-free   free twice         -> kDoubleFree?  yes: noticed
//   guard-pages   look past the end  -> readable?     yes: went unnoticed
#ifndef DBGALLOC_ALLOC_DEBUG_SELF_TEST_H_
#define DBGALLOC_ALLOC_DEBUG_SELF_TEST_H_

#include <cstddef>
#include <string_view>

#include "dbgalloc/options.h"

namespace dbgalloc::debug {

// How many checks were tried, and the first whose bug went unnoticed ("": all
// were noticed).
struct SelfTestResult {
  size_t tried = 0;
  std::string_view unnoticed;
};

// `claimed` says what is switched on; `real` are the options that the private
// heap gets. The same, but for tests of this test.
SelfTestResult RunSelfTest(const Options& claimed, const Options& real);

// RunSelfTest; says on standard error how it went where verbosity asks for it,
// and ends the process with status 3 when a bug went unnoticed.
void SelfTestOrExit(const Options& options);

}  // namespace dbgalloc::debug

#endif  // DBGALLOC_ALLOC_DEBUG_SELF_TEST_H_
