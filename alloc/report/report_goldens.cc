#include "alloc/report/report_goldens.h"

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string_view>
#include <utility>

#include "gtest/gtest.h"

namespace dbgalloc::report {
namespace {

std::string PathOf(const ReportGoldens& goldens, const ReportSample& sample) {
  return goldens.folder + sample.name + goldens.ending;
}

std::string ReadAll(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

class GoldenTest final : public testing::Test {
 public:
  GoldenTest(const ReportGoldens& goldens, ReportSample sample)
      : goldens_(goldens), sample_(std::move(sample)) {}

  void TestBody() override {
    const std::string path = PathOf(goldens_, sample_);
    EXPECT_EQ(goldens_.render(sample_), ReadAll(path)) << path;
  }

 private:
  const ReportGoldens& goldens_;
  ReportSample sample_;
};

void RegisterTests(const ReportGoldens& goldens) {
  for (const ReportSample& sample : AllSamples()) {
    testing::RegisterTest("Golden", sample.name.c_str(), nullptr, nullptr,
                          __FILE__, __LINE__,
                          [&goldens, sample]() -> testing::Test* {
                            return new GoldenTest(goldens, sample);
                          });
  }
}

int UpdateGoldens(const ReportGoldens& goldens) {
  const char* workspace = std::getenv("BUILD_WORKSPACE_DIRECTORY");
  const std::string root = std::string(workspace ? workspace : ".") + "/";
  for (const ReportSample& sample : AllSamples()) {
    const std::string path = root + PathOf(goldens, sample);
    std::ofstream file(path);
    file << goldens.render(sample);
    if (!file.flush()) {
      std::cerr << path << ": cannot be written\n";
      return 1;
    }
    std::cout << path << "\n";
  }
  return 0;
}

}  // namespace

int RunGoldenTests(const ReportGoldens& goldens, int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  if (argc > 1 && std::string_view(argv[1]) == "--update_goldens") {
    return UpdateGoldens(goldens);
  }
  RegisterTests(goldens);
  return RUN_ALL_TESTS();
}

}  // namespace dbgalloc::report
