#include "alloc/report/user_frame.h"

#include "gtest/gtest.h"

namespace dbgalloc::report {
namespace {

FrameDescription Frame(const char* function, const char* file,
                       const char* module) {
  FrameDescription frame;
  frame.function = function;
  frame.file = file;
  frame.module = module;
  return frame;
}

TEST(IsUserFrame, TakesTheProgramsOwnCode) {
  EXPECT_TRUE(IsUserFrame(Frame("main", "src/main.cc", "/opt/app")));
  EXPECT_TRUE(IsUserFrame(Frame("", "", "/opt/app")));
  EXPECT_TRUE(IsUserFrame(Frame("operator_table", "", "")));
  EXPECT_TRUE(IsUserFrame(Frame("", "", "/usr/lib/libcurl.so.4")));
  EXPECT_TRUE(IsUserFrame(Frame("", "", "/usr/lib/libstd.so")));
  EXPECT_TRUE(IsUserFrame(Frame("user::dbgalloc_wrapper()", "a.cc", "")));
}

TEST(IsUserFrame, LeavesOutTheRuntime) {
  const char* const kModules[] = {
      "/lib/x86_64-linux-gnu/libc.so.6",
      "/lib/libc-2.31.so",
      "/usr/lib/libstdc++.so.6.0.30",
      "/lib64/ld-linux-x86-64.so.2",
      "/lib/libgcc_s.so.1",
      "/opt/lib/libdbgalloc.so",
  };
  for (const char* module : kModules) {
    EXPECT_FALSE(IsUserFrame(Frame("f", "f.c", module))) << module;
  }
  const char* const kFunctions[] = {
      "std::vector<int>::push_back(int)",
      "void std::destroy<int>(int*)",
      "operator new[](unsigned long)",
      "__cxa_throw",
      "_start",
  };
  for (const char* function : kFunctions) {
    EXPECT_FALSE(IsUserFrame(Frame(function, "", "/opt/app"))) << function;
  }
  EXPECT_FALSE(IsUserFrame(
      Frame("f", "/usr/include/c++/12/bits/stl_vector.h", "/opt/app")));
  EXPECT_FALSE(IsUserFrame(FrameDescription()));
}

TEST(IsUserFrame, LeavesOutDbgallocButNotItsTests) {
  EXPECT_FALSE(
      IsUserFrame(Frame("dbgalloc::StlAllocator<int>::allocate(int)",
                        "external/dbgalloc/alloc/stl_allocator.h", "")));
  EXPECT_TRUE(IsUserFrame(Frame("dbgalloc::(anonymous namespace)::Free()",
                                "alloc/debug/double_free_test.cc", "")));
}

TEST(IsHiddenFrame, HidesWhatStandsBelowMain) {
  EXPECT_TRUE(IsHiddenFrame(
      Frame("dbgalloc::interpose::StartProgram()", "", "/opt/app")));
  EXPECT_TRUE(IsHiddenFrame(
      Frame("__libc_start_main",
            "external/dbgalloc/alloc/interpose/start_main_linked.cc", "")));
  EXPECT_TRUE(IsHiddenFrame(Frame("", "", "/opt/lib/libdbgalloc.so")));
  EXPECT_FALSE(IsHiddenFrame(Frame("main", "src/main.cc", "/opt/app")));
  EXPECT_FALSE(IsHiddenFrame(FrameDescription()));
}

}  // namespace
}  // namespace dbgalloc::report
