// That the tests beside this one do run with the pages that they ask for.
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "alloc/os/pages.h"

namespace dbgalloc::os {
namespace {

TEST(FakePageSize, IsTheOneAskedFor) {
  const char* wanted = getenv("DBGALLOC_TEST_PAGE_SIZE");
  ASSERT_NE(wanted, nullptr);
  EXPECT_EQ(PageSize(), strtoul(wanted, nullptr, 10));
}

TEST(FakePageSize, SmallerPiecesAreRefused) {
  char* pages = static_cast<char*>(MapPages(4 * PageSize(), PageSize()));
  ASSERT_NE(pages, nullptr);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(pages) % PageSize(), 0u);
  EXPECT_FALSE(DiscardPages(pages + 4096, PageSize()));
  EXPECT_NE(mprotect(pages + 4096, PageSize(), PROT_READ), 0);
  EXPECT_TRUE(DiscardPages(pages + PageSize(), PageSize()));
  ReleasePages(pages, 4 * PageSize());
}

}  // namespace
}  // namespace dbgalloc::os
