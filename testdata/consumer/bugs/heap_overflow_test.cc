// BUG: writes one byte behind a block. Without dbgalloc nobody notices.

#include <cstring>
#include <memory>

#include "gtest/gtest.h"

namespace {

TEST(HeapOverflow, CopiesANameWithoutRoomForItsEnd) {
  const char* volatile name = "fifteen letters";
  std::unique_ptr<char[]> copy(new char[std::strlen(name)]);
  std::strcpy(copy.get(), name);
  EXPECT_EQ(copy[0], 'f');
}

}  // namespace
