// What the tests of the reporter share: errors, options, and a look at what was
// written.
#ifndef DBGALLOC_ALLOC_REPORT_REPORTER_TEST_SUPPORT_H_
#define DBGALLOC_ALLOC_REPORT_REPORTER_TEST_SUPPORT_H_

#include <cstdint>
#include <string>

#include "dbgalloc/error_record.h"
#include "dbgalloc/options.h"

namespace dbgalloc::report {

// With these every report ends.
inline constexpr char kLastWords[] = " [dbgalloc]\n";

ErrorRecord DoubleFreeAt(uintptr_t address);

// The built-in defaults: nothing of what the test itself runs under.
Options Defaults();

// The same with halt_on_error=0.
Options GoOn();

// To the process's reporter.
void Report(const ErrorRecord& record, const Options& options);
void ReportLeak(const Options& options);

// Expects that `text` is `count` reports and nothing else, and that each is
// whole: no line of one stands in another.
void ExpectWholeReports(std::string text, int count);

std::string ReadAll(const std::string& path);
std::string TemporaryPath(const std::string& name);

}  // namespace dbgalloc::report

#endif  // DBGALLOC_ALLOC_REPORT_REPORTER_TEST_SUPPORT_H_
