#include "alloc/base/text_writer.h"

#include <string>

#include "gtest/gtest.h"

namespace dbgalloc::base {
namespace {

TEST(TextWriter, WritesNumbersInEveryForm) {
  char buffer[200];
  TextWriter out(buffer, sizeof(buffer));
  out.Dec(0).Char(' ').Dec(UINT64_MAX).Char(' ').SignedDec(-7).Char(' ');
  out.SignedDec(INT64_MIN).Char(' ').Hex(0xabc).Char(' ').Hex(5, 4).Char(' ');
  out.HexByte(0x0f).Char(' ').PaddedDec(42, 5).Repeat('-', 3);
  EXPECT_EQ(out.view(),
            "0 18446744073709551615 -7 -9223372036854775808 0xabc 0x0005 0f "
            "   42---");
  EXPECT_FALSE(out.truncated());
}

TEST(TextWriter, CutsWhatDoesNotFitAndSaysSo) {
  char buffer[4];
  TextWriter out(buffer, sizeof(buffer));
  out.Text("abcdef");
  EXPECT_EQ(out.view(), "abcd");
  EXPECT_TRUE(out.truncated());
}

TEST(TextWriter, HandsFullBuffersToTheFlushFunction) {
  std::string received;
  char buffer[3];
  TextWriter out(
      buffer, sizeof(buffer),
      [](void* context, std::string_view text) {
        static_cast<std::string*>(context)->append(text);
      },
      &received);
  out.Text("all of it arrives");
  out.Flush();
  EXPECT_EQ(received, "all of it arrives");
  EXPECT_FALSE(out.truncated());
}

}  // namespace
}  // namespace dbgalloc::base
