// The program's own part in reports, where malloc is replaced: callback, hook,
// and descriptions of addresses.
#include <gtest/gtest.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <string>

#include "dbgalloc/c_api.h"

namespace {

// Keeps the compiler from seeing what becomes of a block.
void* volatile opaque = nullptr;

void Say(const char* text) {
  if (write(STDERR_FILENO, text, strlen(text)) < 0) _exit(99);
}

struct Outcome {
  int status = 0;
  std::string text;
};

Outcome RunInChild(const std::function<void()>& work) {
  int ends[2];
  if (pipe(ends) != 0) abort();
  const pid_t child = fork();
  if (child == 0) {
    dup2(ends[1], STDERR_FILENO);
    close(ends[0]);
    close(ends[1]);
    work();
    _exit(0);
  }
  close(ends[1]);
  Outcome outcome;
  char buffer[4096];
  ssize_t size;
  while ((size = read(ends[0], buffer, sizeof(buffer))) > 0) {
    outcome.text.append(buffer, static_cast<size_t>(size));
  }
  close(ends[0]);
  waitpid(child, &outcome.status, 0);
  return outcome;
}

bool Has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

[[gnu::noinline]] void FreeTwice() {
  opaque = malloc(24);
  free(opaque);
  free(opaque);
}

// Allocates, frees, and looks at the block that the report is about.
void Callback(const char* report) {
  std::string copy = report;
  char* block = static_cast<char*>(realloc(malloc(100), 200'000));
  memset(block, 1, 200'000);
  free(block);
  dbgalloc_describe_address(opaque);
  Say(Has(copy, "ERROR: dbgalloc: double-free") ? "callback has the report\n"
                                                : "callback without report\n");
}

TEST(ProgramHooks, AreCalledForAnErrorOfMalloc) {
  const Outcome outcome = RunInChild([] {
    dbgalloc_set_error_callback(&Callback);
    FreeTwice();
    Say("went on\n");
  });
  EXPECT_TRUE(WIFEXITED(outcome.status) && WEXITSTATUS(outcome.status) == 1)
      << outcome.status << outcome.text;
  const size_t report = outcome.text.find("[dbgalloc]\n");
  const size_t described = outcome.text.find("a 24-byte block, freed\n");
  const size_t callback = outcome.text.find("callback has the report\n");
  const size_t hook = outcome.text.find("hook\n");
  EXPECT_LT(report, described) << outcome.text;
  EXPECT_LT(described, callback) << outcome.text;
  EXPECT_LT(callback, hook) << outcome.text;
  EXPECT_NE(hook, std::string::npos) << outcome.text;
  EXPECT_FALSE(Has(outcome.text, "went on"));
}

TEST(DescribeAddress, TellsOfABlockFromItsAllocationToItsFree) {
  const Outcome outcome = RunInChild([] {
    opaque = malloc(24);
    auto* bytes = static_cast<char*>(opaque);
    if (dbgalloc_describe_address(bytes + 5) != 1) _exit(10);
    free(opaque);
    if (dbgalloc_describe_address(bytes) != 1) _exit(11);
  });
  EXPECT_EQ(outcome.status, 0) << outcome.text;
  EXPECT_TRUE(Has(outcome.text, "is offset 5 in a 24-byte block at 0x"))
      << outcome.text;
  EXPECT_TRUE(Has(outcome.text, ", live\nallocated, by thread T0"))
      << outcome.text;
  EXPECT_TRUE(Has(outcome.text,
                  "is the start (offset 0) of a 24-byte block, "
                  "freed\nfreed, by thread T0"))
      << outcome.text;
  EXPECT_TRUE(Has(outcome.text, " ms ago), freed (")) << outcome.text;
  EXPECT_TRUE(Has(outcome.text, "program_hooks_test.cc:")) << outcome.text;
}

TEST(DescribeAddress, KnowsWhatIsNotTheHeaps) {
  const Outcome outcome = RunInChild([] {
    int local = 0;
    static int global = 0;
    if (dbgalloc_describe_address(&local) != 0) _exit(10);
    if (dbgalloc_describe_address(&global) != 0) _exit(11);
    if (dbgalloc_describe_address(nullptr) != 0) _exit(12);
    if (dbgalloc_describe_address(reinterpret_cast<void*>(~size_t{0})) != 0) {
      _exit(13);
    }
  });
  EXPECT_EQ(outcome.status, 0) << outcome.text;
  EXPECT_TRUE(Has(outcome.text, "0x0 is in the null pages")) << outcome.text;
}

}  // namespace

void __dbgalloc_on_error() {
  free(malloc(1000));
  Say("hook\n");
}
