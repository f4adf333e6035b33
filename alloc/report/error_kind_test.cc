#include "alloc/report/error_kind.h"

#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <string>

#include "gtest/gtest.h"

namespace dbgalloc::report {
namespace {

std::string ReadAll(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(ErrorKind, SlugsAreUniqueAndFindTheirKinds) {
  std::set<std::string_view> slugs;
  for (size_t row = 1; row < kErrorKindCount; ++row) {
    const auto kind = static_cast<ErrorKind>(row);
    const ErrorKindInfo& info = InfoOf(kind);
    EXPECT_TRUE(slugs.insert(info.slug).second) << info.slug;
    EXPECT_EQ(ErrorKindFromSlug(info.slug), kind);
    EXPECT_FALSE(info.summary.empty()) << info.slug;
  }
}

TEST(ErrorKind, KnowsNoOtherSlugs) {
  for (const char* slug : {"", "double", "double-free ", "none"}) {
    EXPECT_EQ(ErrorKindFromSlug(slug), ErrorKind::kNone) << slug;
  }
  EXPECT_EQ(InfoOf(static_cast<ErrorKind>(200)).slug, "none");
}

// The names that users rely on; a new one may be added, none may go.
TEST(ErrorKind, KeepsItsContract) {
  const std::map<std::string_view, Severity> contract = {
      {"double-free", Severity::kError},
      {"invalid-free", Severity::kError},
      {"interior-free", Severity::kError},
      {"size-mismatch", Severity::kError},
      {"alignment-mismatch", Severity::kError},
      {"family-mismatch", Severity::kError},
      {"heap-buffer-overflow", Severity::kError},
      {"heap-buffer-underflow", Severity::kError},
      {"use-after-free", Severity::kError},
      {"write-after-free", Severity::kError},
      {"leak", Severity::kError},
      {"thread-misuse", Severity::kError},
      {"metadata-corruption", Severity::kError},
      {"invalid-alignment", Severity::kError},
      {"size-overflow", Severity::kError},
      {"induced-failure", Severity::kNote},
      {"memory-limit", Severity::kNote},
  };
  for (const auto& [slug, severity] : contract) {
    const ErrorKind kind = ErrorKindFromSlug(slug);
    EXPECT_NE(kind, ErrorKind::kNone) << slug;
    EXPECT_EQ(InfoOf(kind).severity, severity) << slug;
  }
}

// docs/errors.md has a section with some text for every kind.
TEST(ErrorsPage, HasASectionForEveryKind) {
  const std::string page = ReadAll("docs/errors.md");
  for (size_t row = 1; row < kErrorKindCount; ++row) {
    const std::string slug(InfoOf(static_cast<ErrorKind>(row)).slug);
    const size_t begin = page.find("\n## " + slug + "\n");
    ASSERT_NE(begin, std::string::npos) << slug << " has no section";
    const size_t end = page.find("\n## ", begin + 1);
    EXPECT_GT((end == std::string::npos ? page.size() : end) - begin, 150u)
        << slug << " has hardly any text";
  }
}

TEST(ErrorsPage, ShowsARealReport) {
  const std::string report = ReadAll("testdata/reports/double_free.txt");
  EXPECT_NE(report, "");
  EXPECT_NE(ReadAll("docs/errors.md").find("```text\n" + report + "```"),
            std::string::npos)
      << "docs/errors.md shows another report than the golden has";
}

}  // namespace
}  // namespace dbgalloc::report
