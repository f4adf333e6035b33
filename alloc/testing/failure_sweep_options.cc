// DBGALLOC_SWEEP: how a sweep is steered from outside of its test.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <type_traits>

#include "dbgalloc/testing/failure_sweep.h"

namespace dbgalloc {
namespace {

template <typename Field>
bool Parse(const std::string& value, Field* field) {
  char* end = nullptr;
  if (value.empty() || value[0] == '-') return false;
  if constexpr (std::is_same_v<Field, double>) {
    *field = std::strtod(value.c_str(), &end);
  } else {
    const unsigned long long number = std::strtoull(value.c_str(), &end, 10);
    if (std::is_same_v<Field, bool> && number > 1) return false;
    *field = static_cast<Field>(number);
  }
  return *end == '\0';
}

bool Set(const std::string& name, const std::string& value,
         FailureSweepOptions* options) {
  if (name == "once") return Parse(value, &options->once);
  if (name == "from") return Parse(value, &options->from);
  if (name == "resize") return Parse(value, &options->resize);
  if (name == "may_recover") return Parse(value, &options->may_recover);
  if (name == "fork") return Parse(value, &options->fork);
  if (name == "first_point") return Parse(value, &options->first_point);
  if (name == "max_points") return Parse(value, &options->max_points);
  if (name == "max_seconds") return Parse(value, &options->max_seconds);
  if (name == "point_seconds") return Parse(value, &options->point_seconds);
  if (name == "progress_seconds") {
    return Parse(value, &options->progress_seconds);
  }
  if (name == "max_findings") return Parse(value, &options->max_findings);
  return false;
}

// The next name=value of the text, which is cut off it.
std::string NextSetting(std::string* text) {
  constexpr char kSeparators[] = ":, ";
  text->erase(0, std::min(text->find_first_not_of(kSeparators), text->size()));
  const size_t end = std::min(text->find_first_of(kSeparators), text->size());
  std::string setting = text->substr(0, end);
  text->erase(0, end);
  return setting;
}

}  // namespace

FailureSweepOptions FailureSweepOptions::FromEnvironment() {
  FailureSweepOptions options;
  const char* variable = std::getenv("DBGALLOC_SWEEP");
  std::string text = variable == nullptr ? "" : variable;
  for (std::string setting = NextSetting(&text); !setting.empty();
       setting = NextSetting(&text)) {
    const size_t equals = std::min(setting.find('='), setting.size());
    const std::string value =
        setting.substr(std::min(equals + 1, setting.size()));
    if (Set(setting.substr(0, equals), value, &options)) continue;
    std::fprintf(stderr, "dbgalloc: DBGALLOC_SWEEP: no such setting: %s\n",
                 setting.c_str());
    std::exit(2);
  }
  return options;
}

}  // namespace dbgalloc
