#include "runtime_flags/operation_selection.h"

#include <gtest/gtest.h>

#include <string>

namespace dbgalloc::runtime_flags {
namespace {

OperationSelection Selected(const std::string& text) {
  OperationSelection selection;
  EXPECT_TRUE(selection.Parse(text)) << text;
  return selection;
}

TEST(OperationSelection, HoldsNumbersAndRanges) {
  const OperationSelection selection =
      Selected("60,70-72,18446744073709551615");
  for (uint64_t number :
       {uint64_t{60}, uint64_t{70}, uint64_t{71}, uint64_t{72}, UINT64_MAX}) {
    EXPECT_TRUE(selection.Holds(number, 0)) << number;
  }
  for (uint64_t number : {0, 59, 61, 69, 73}) {
    EXPECT_FALSE(selection.Holds(number, 60)) << number;
  }
  EXPECT_FALSE(selection.has_hashes());
}

TEST(OperationSelection, HoldsHashesOfStacks) {
  const OperationSelection selection = Selected("0x5eed0001,0X10-0x1f,7");
  EXPECT_TRUE(selection.has_hashes());
  EXPECT_TRUE(selection.Holds(1, 0x5eed0001));
  EXPECT_TRUE(selection.Holds(1, 0x1f));
  EXPECT_TRUE(selection.Holds(7, 0));
  EXPECT_FALSE(selection.Holds(0x10, 7)) << "a number is no hash";
}

TEST(OperationSelection, WhatIsUnknownIsNotSelected) {
  EXPECT_FALSE(Selected("0-100").Holds(0, 5));
  EXPECT_FALSE(Selected("0x0-0xffffffff").Holds(5, 0));
}

TEST(OperationSelection, OfNothingIsEmpty) {
  EXPECT_TRUE(OperationSelection().empty());
  EXPECT_TRUE(Selected("").empty());
  EXPECT_FALSE(Selected("1").empty());
}

TEST(OperationSelection, RefusesOtherText) {
  std::string many = "1";
  for (int i = 2; i <= 33; ++i) many += "," + std::to_string(i);
  for (const std::string& text :
       {std::string("x"), std::string("1,"), std::string(",1"),
        std::string("1,,2"), std::string("-1"), std::string("1-"),
        std::string("5-4"), std::string("1 "), std::string("1-2-3"),
        std::string("0x"), std::string("0x100000000"),
        std::string("18446744073709551616"), many}) {
    OperationSelection selection = Selected("1");
    EXPECT_FALSE(selection.Parse(text)) << text;
    EXPECT_TRUE(selection.empty()) << text;
  }
}

TEST(HashWindow, HoldsWhatLiesBetween) {
  HashWindow window;
  EXPECT_TRUE(window.Holds(0));
  EXPECT_TRUE(window.Holds(UINT32_MAX));
  ASSERT_TRUE(window.Parse("0x10-32"));
  EXPECT_FALSE(window.Holds(15));
  EXPECT_TRUE(window.Holds(16));
  EXPECT_TRUE(window.Holds(32));
  EXPECT_FALSE(window.Holds(33));
  ASSERT_TRUE(window.Parse("0x5eed0001"));
  EXPECT_TRUE(window.Holds(0x5eed0001));
  EXPECT_FALSE(window.Holds(0x5eed0002));
}

TEST(HashWindow, RefusesOtherText) {
  for (const char* text :
       {"", "-", "5-4", "0-0x100000000", "1,2", "low-high"}) {
    HashWindow window{3, 4};
    EXPECT_FALSE(window.Parse(text)) << text;
    EXPECT_EQ(window.first, 3u);
    EXPECT_EQ(window.last, 4u);
  }
}

}  // namespace
}  // namespace dbgalloc::runtime_flags
