#include "alloc/report/color_choice.h"

#include <string_view>

#include "alloc/os/env.h"

namespace dbgalloc::report {
namespace {

std::string_view Variable(const char* name) {
  const char* value = os::GetEnv(name);
  return value == nullptr ? std::string_view() : std::string_view(value);
}

}  // namespace

bool WantsColor(ColorChoice choice, bool terminal) {
  if (choice != ColorChoice::kAuto) return choice == ColorChoice::kAlways;
  return terminal && Variable("NO_COLOR").empty() && Variable("TERM") != "dumb";
}

}  // namespace dbgalloc::report
