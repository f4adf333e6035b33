// 20,000 tests that do nothing: what a leak verdict adds to each is the
// difference between this with //:malloc_gtest and with //:malloc.
#include "gtest/gtest.h"

namespace {

class Empty : public testing::TestWithParam<int> {};
TEST_P(Empty, Test) {}
INSTANTIATE_TEST_SUITE_P(Many, Empty, testing::Range(0, 20000));

}  // namespace
