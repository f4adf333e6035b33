#include "alloc/report/json_writer.h"

#include <string>
#include <string_view>

#include "gtest/gtest.h"

namespace dbgalloc::report {
namespace {

void AppendTo(void* text, std::string_view piece) {
  static_cast<std::string*>(text)->append(piece);
}

template <typename Write>
std::string Written(const Write& write) {
  std::string text;
  char buffer[64];
  base::TextWriter out(buffer, sizeof(buffer), &AppendTo, &text);
  JsonWriter json(out);
  write(json);
  out.Flush();
  return text;
}

std::string StringOf(std::string_view text) {
  return Written([&](JsonWriter& json) { json.String(text); });
}

TEST(JsonWriter, SetsCommas) {
  EXPECT_EQ(Written([](JsonWriter& json) {
              json.BeginObject().Member("a", 1).Member("none", "");
              json.Key("list").BeginArray().Number(1).SignedNumber(-2);
              json.BeginObject().EndObject().BeginArray().EndArray();
              json.EndArray().Key("b").Bool(true).Member("c", "text");
              json.EndObject();
            }),
            R"({"a":1,"list":[1,-2,{},[]],"b":true,"c":"text"})");
}

TEST(JsonWriter, KeepsAllDigits) {
  EXPECT_EQ(Written([](JsonWriter& json) {
              json.BeginArray().Number(UINT64_MAX).Address(UINT64_MAX);
              json.SignedNumber(INT64_MIN).EndArray();
            }),
            "[18446744073709551615,\"0xffffffffffffffff\","
            "-9223372036854775808]");
}

TEST(JsonWriter, EscapesWhatJsonCannotHold) {
  EXPECT_EQ(StringOf("a\"b\\c\n\t\x01\x7f"), R"("a\"b\\c\n\t\u0001\u007f")");
}

TEST(JsonWriter, LeavesUtf8AsItIs) {
  const std::string text = "\u00e9 \u20ac \U0001f600";
  EXPECT_EQ(StringOf(text), "\"" + text + "\"");
}

TEST(JsonWriter, ReplacesWhatIsNotUtf8) {
  for (const char* bad : {"\x80", "\xff", "\xc0\xaf", "\xe0\x80\xaf",
                          "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82"}) {
    std::string wanted = "\"";
    for (const char* c = bad; *c != '\0'; ++c) wanted += "\\ufffd";
    EXPECT_EQ(StringOf(bad), wanted + "\"");
  }
}

TEST(JsonWriter, TakesTextThatIsBuiltInPieces) {
  EXPECT_EQ(
      Written([](JsonWriter& json) {
        json.Built([](base::TextWriter& out) { out.Repeat('"', 200).Dec(7); });
      }).size(),
      2u + 400u + 1u);
}

TEST(JsonWriter, WritesBytes) {
  const uint8_t bytes[] = {0, 0xab, 0xff};
  EXPECT_EQ(Written([&](JsonWriter& json) { json.Bytes(bytes, 3); }),
            "\"00abff\"");
}

}  // namespace
}  // namespace dbgalloc::report
