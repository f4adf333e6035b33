#include "alloc/report/name_pattern.h"

#include <string_view>

#include "gtest/gtest.h"

namespace dbgalloc::report {
namespace {

struct Case {
  std::string_view pattern;
  std::string_view text;
  bool matches;
};

class NamePattern : public testing::TestWithParam<Case> {};

TEST_P(NamePattern, Matches) {
  const Case& one = GetParam();
  EXPECT_EQ(MatchesPattern(one.pattern, one.text), one.matches)
      << '"' << one.pattern << "\" in \"" << one.text << '"';
}

// The first rows are LeakSanitizer's own tests of its TemplateMatch
// (sanitizer_suppressions_test.cpp).
INSTANTIATE_TEST_SUITE_P(
    AsLeakSanitizer, NamePattern,
    testing::Values(
        Case{"foo", "foo", true}, Case{"foo", "foobar", true},
        Case{"foo", "barfoo", true}, Case{"foo", "", false},
        Case{"bar", "foo", false}, Case{"*bar*", "bar", true},
        Case{"foo*", "foobar", true}, Case{"foo*bar", "foobar", true},
        Case{"foo*bar", "foobazbar", true}, Case{"foo*bar", "foobaz", false},
        Case{"^foo", "foobar", true}, Case{"^foo", "barfoo", false},
        Case{"^bar", "foobar", false}, Case{"foo$", "barfoo", true},
        Case{"foo$", "foobar", false}, Case{"^foo$", "foo", true},
        Case{"^foo$", "foobar", false}, Case{"^foo$", "barfoo", false},
        Case{"^*foo", "barfoo", true}, Case{"foo*$", "foobar", true}));

INSTANTIATE_TEST_SUITE_P(
    MoreExactly, NamePattern,
    testing::Values(Case{"foo$", "foofoo", true}, Case{"ab*b$", "ab", false},
                    Case{"^a*a$", "a", false}, Case{"^a*a$", "aa", true},
                    Case{"^a*a$", "abba", true}, Case{"^ab*bc$", "abc", false},
                    Case{"main::$_0", "main::$_0::operator()", true},
                    Case{"a*b*c", "xaxbxcx", true},
                    Case{"a*c*b", "xaxbxcx", false}, Case{"", "any", true},
                    Case{"*", "any", true}, Case{"*", "", false},
                    Case{"^$", "any", false}, Case{"^", "any", true},
                    Case{"longer than it", "long", false}));

}  // namespace
}  // namespace dbgalloc::report
