#include "dbgalloc/testing/leak_listener.h"

#include <cstddef>
#include <cstdint>
#include <string>

#include "dbgalloc/c_api.h"
#include "gtest/gtest.h"

// //:malloc_gtest is linked into programs that have no GoogleTest, too, and
// must not bring it there: what this file wants of it is weak. These are all; a
// name that a new version of GoogleTest adds shows as an undefined symbol in
// leak_listener_plain_test. (A pragma would do for one compiler only.)
asm(".weak _ZN7testing18TestEventListeners6AppendEPNS_17TestEventListenerE\n"
    ".weak _ZN7testing7MessageC1Ev\n"
    ".weak _ZN7testing8UnitTest11GetInstanceEv\n"
    ".weak _ZN7testing8UnitTest9listenersEv\n"
    ".weak "
    "_ZN7testing8internal12AssertHelperC1ENS_14TestPartResult4TypeEPKciS5_\n"
    ".weak _ZN7testing8internal12AssertHelperD1Ev\n"
    ".weak _ZNK7testing8internal12AssertHelperaSERKNS_7MessageE\n"
    // With libstdc++'s and with libc++'s string.
    ".weak "
    "_ZN7testing4Test14RecordPropertyERKNSt7__cxx1112basic_stringIcSt11char_"
    "traitsIcESaIcEEES8_\n"
    ".weak "
    "_ZN7testing4Test14RecordPropertyERKNSt3__112basic_stringIcNS1_11char_"
    "traitsIcEENS1_9allocatorIcEEEES9_\n");

// The function, to ask whether it is there: compilers take the address of a
// member function for known.
extern "C" [[gnu::weak]] const char dbgalloc_unit_test_instance asm(
    "_ZN7testing8UnitTest11GetInstanceEv");

namespace dbgalloc {
namespace {

// GoogleTest tells the newest listener of an end first, so that the verdict is
// there before results are printed. It writes its XML file when an iteration
// ends, and so the last verdict is given just before.
class LeakListener final : public testing::EmptyTestEventListener {
 public:
  void AllowInTest() { allowed_in_test_ = true; }
  void AllowInSuite() { allowed_in_suite_ = true; }

 private:
  // Where a verdict begins: allocations have rising numbers.
  using Mark = uint64_t;
  static constexpr Mark kProcessStart = 0;

  void OnTestSuiteStart(const testing::TestSuite&) override {
    allowed_in_suite_ = false;
    suite_mark_ = dbgalloc_leak_mark();
  }

  void OnTestStart(const testing::TestInfo&) override {
    allowed_in_test_ = false;
    test_mark_ = dbgalloc_leak_mark();
  }

  void OnTestEnd(const testing::TestInfo& test) override {
    FindSince(test_mark_);
    if (size_ > 0 && !allowed_in_test_ && !allowed_in_suite_) FailTest(test);
  }

  void OnTestSuiteEnd(const testing::TestSuite& suite) override {
    FindSince(suite_mark_);
    if (size_ > 0 && !allowed_in_suite_) KeepForTheEnd(suite);
  }

  void OnEnvironmentsTearDownEnd(const testing::UnitTest&) override {
    FindSince(kProcessStart);
    if (size_ > 0) outside_ += "outside of all test suites:\n" + Text();
    if (!outside_.empty()) FailProgram();
  }

  // Frames between here and the test's would be where the test's own were, and
  // a slot that they leave unwritten could still hold a pointer to what the
  // test lost. So there are few frames, without locals.
  [[gnu::noinline]] void FindSince(Mark mark) {
    size_ = dbgalloc_find_leaks_since(mark, &found_, text_, sizeof(text_));
  }

  std::string Text() const { return std::string(text_, size_); }

  [[gnu::noinline]] void FailTest(const testing::TestInfo& test) {
    testing::Test::RecordProperty("leaked_blocks",
                                  std::to_string(found_.blocks));
    testing::Test::RecordProperty("leaked_bytes", std::to_string(found_.bytes));
    ADD_FAILURE_AT(test.file(), test.line()) << "this test leaked memory\n"
                                             << Text();
  }

  // A suite's own failures do not reach the XML file; the program's do.
  [[gnu::noinline]] void KeepForTheEnd(const testing::TestSuite& suite) {
    outside_ += std::string("in test suite ") + suite.name() +
                ", by its set-up or tear-down, or by a test that a pointer was "
                "left of when it ended:\n" +
                Text();
  }

  [[gnu::noinline]] void FailProgram() {
    ADD_FAILURE() << "memory leaked " << outside_;
    outside_.clear();
  }

  Mark test_mark_ = kProcessStart;
  Mark suite_mark_ = kProcessStart;
  bool allowed_in_test_ = false;
  bool allowed_in_suite_ = false;
  struct dbgalloc_leaks found_ = {};
  std::string outside_;  // leaks that no test is blamed for
  size_t size_ = 0;      // of the report in text_; 0: no leak
  char text_[size_t{64} << 10];
};

LeakListener* installed = nullptr;

bool HasGoogleTest() { return &dbgalloc_unit_test_instance != nullptr; }

bool ChecksLeaks() {
  return dbgalloc_leak_mark != nullptr && dbgalloc_is_active() != 0;
}

}  // namespace

void InstallLeakListener() {
  if (installed != nullptr || !HasGoogleTest() || !ChecksLeaks()) return;
  installed = new LeakListener;
  testing::UnitTest::GetInstance()->listeners().Append(installed);
}

void AllowLeaksInThisTest() {
  if (installed != nullptr) installed->AllowInTest();
}

void AllowLeaksInThisTestSuite() {
  if (installed != nullptr) installed->AllowInSuite();
}

}  // namespace dbgalloc
