// This program's malloc is dbgalloc's, by its malloc attribute alone.

#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <thread>

#include "gtest/gtest.h"

// The C interface, as a program sees it that includes nothing of dbgalloc.
extern "C" int dbgalloc_is_active(void) __attribute__((weak));

namespace {

TEST(Malloc, IsDbgallocs) {
  ASSERT_NE(dbgalloc_is_active, nullptr);
  EXPECT_EQ(dbgalloc_is_active(), 1);
}

TEST(Malloc, FillsFreshMemory) {
  unsigned char* block = static_cast<unsigned char*>(std::malloc(64));
  ASSERT_NE(block, nullptr);
  EXPECT_EQ(block[0], 0xaa);
  EXPECT_EQ(block[63], 0xaa);
  std::free(block);
}

TEST(Malloc, ServesThreadsAndTheStandardLibrary) {
  std::string text(1000, 'x');
  std::thread([&text] { text += std::string(1000, 'y'); }).join();
  EXPECT_EQ(text.size(), 2000u);
}

}  // namespace
