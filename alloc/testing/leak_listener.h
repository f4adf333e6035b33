// A leak verdict for each GoogleTest test: the test that leaked fails, with the
// stacks of what it leaked.
//
// Installed by linking, with nothing to write:
//   malloc = "@dbgalloc//:malloc_gtest"   on a cc_test, or
//   --custom_malloc=@dbgalloc//:malloc_gtest   for a whole build;
// or by one line in a main of one's own, in a test whose malloc is dbgalloc's:
//   dbgalloc::InstallLeakListener();
//
// A leak is a block that was allocated during the test and that no pointer
// reaches after it (docs/guide.md). What stays reachable, as caches and
// first-use statics do, is none.
#ifndef DBGALLOC_ALLOC_TESTING_LEAK_LISTENER_H_
#define DBGALLOC_ALLOC_TESTING_LEAK_LISTENER_H_

namespace dbgalloc {

// Appends the listener to GoogleTest's, once a process however often it is
// called. Each test, each suite (for what SetUpTestSuite and TearDownTestSuite
// leave) and the end of each iteration (for the rest) get a verdict; a leak is
// told once. The counts become properties of the test, leaked_blocks and
// leaked_bytes. Does nothing where dbgalloc's checking heap does not serve
// malloc, and with detect_leaks=0.
//
// Threads: from the thread that runs the tests.
void InstallLeakListener();

// Called in a test or its fixture: this test may leak. What it leaks is
// reported nowhere else.
void AllowLeaksInThisTest();

// Called in SetUpTestSuite: no test of this suite gets a verdict, nor does the
// suite.
void AllowLeaksInThisTestSuite();

}  // namespace dbgalloc

#endif  // DBGALLOC_ALLOC_TESTING_LEAK_LISTENER_H_
