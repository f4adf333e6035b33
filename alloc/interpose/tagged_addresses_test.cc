// AArch64 ignores the top byte of an address, and programs keep tags there.
#include <gtest/gtest.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "dbgalloc/c_api.h"

namespace {

constexpr uintptr_t kTag = uintptr_t{0x5a} << 56;

// The only traces of two blocks: one plain, one with a tag.
uintptr_t plain;
uintptr_t tagged;

[[gnu::noinline]] void Allocate() {
  plain = reinterpret_cast<uintptr_t>(malloc(1000));
  void* block = malloc(1000);
  memset(block, 1, 1000);
  tagged = reinterpret_cast<uintptr_t>(block) | kTag;
}

void Release() {
  free(reinterpret_cast<void*>(plain));
  free(reinterpret_cast<void*>(tagged & ~kTag));
}

// Overwrites what calls before have left on the stack.
[[gnu::noinline]] int Overwrite() {
  volatile char bytes[4096];
  for (volatile char& byte : bytes) byte = 1;
  return bytes[7];
}

TEST(TaggedAddresses, MemoryIsUsedThroughThem) {
  Allocate();
  auto* bytes = reinterpret_cast<unsigned char*>(tagged);
  EXPECT_EQ(bytes[999], 1);
  bytes[0] = 7;
  EXPECT_EQ(*reinterpret_cast<unsigned char*>(tagged & ~kTag), 7);
  Release();
}

TEST(TaggedAddresses, ABlockIsReachedByOne) {
  Allocate();
  Overwrite();
  EXPECT_EQ(dbgalloc_check_leaks_now(), 0u);
  Release();
}

TEST(TaggedAddresses, WithoutOneItIsLost) {
  Allocate();
  tagged = 0;
  Overwrite();
  EXPECT_GE(dbgalloc_check_leaks_now(), 1u);
}

}  // namespace
