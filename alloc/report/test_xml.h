// Leaks in the results of a Bazel test that writes none itself: the file that
// XML_OUTPUT_FILE names, in JUnit's form, with the report as the failure.
//
// GoogleTest writes that file when its tests have run, over what stands there;
// where it has, or anybody else, nothing is added.
#ifndef DBGALLOC_ALLOC_REPORT_TEST_XML_H_
#define DBGALLOC_ALLOC_REPORT_TEST_XML_H_

#include <string_view>

namespace dbgalloc::report {

// Called where main begins: this very process answers for the test, if it runs
// the test's program. Processes that it forks do not, nor do programs that it
// starts.
void ClaimTestXml();

// Whether this process has claimed the file, and nobody else has written it.
bool WantsTestXml();

// Adds a failure. Never allocates; a file that cannot be written is passed over
// in silence, since the report stands elsewhere.
void AddToTestXml(std::string_view sentence, std::string_view report);

}  // namespace dbgalloc::report

#endif  // DBGALLOC_ALLOC_REPORT_TEST_XML_H_
