#include "alloc/report/rerun.h"

#include <string_view>

#include "alloc/os/env.h"
#include "alloc/os/raw_io.h"

namespace dbgalloc::report {
namespace {

using base::TextWriter;

// What steers dbgalloc from outside, in the order of a shell command.
constexpr const char* kVariables[] = {
    "DBGALLOC_TARGET_OPTIONS",
    "DBGALLOC_OPTIONS",
    "LD_PRELOAD",
};

// Command lines beyond this are cut.
constexpr size_t kMaxCommandLine = 1024;

bool IsPlain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c >= '0' && c <= '9') ||
         std::string_view("_-./:=,+@%").find(c) != std::string_view::npos;
}

bool IsPlain(std::string_view text) {
  for (char c : text) {
    if (!IsPlain(c)) return false;
  }
  return !text.empty();
}

void WriteCommandLine(TextWriter& out) {
  char line[kMaxCommandLine];
  const int descriptor = os::OpenForReading("/proc/self/cmdline");
  const std::ptrdiff_t size =
      descriptor < 0 ? -1 : os::ReadSome(descriptor, line, sizeof(line));
  if (descriptor >= 0) os::Close(descriptor);
  if (size <= 0) {
    WriteShellWord(out, os::ProgramPath());
    return;
  }
  // Every argument ends in a null byte; the last one of a cut line does not.
  std::string_view rest(line, static_cast<size_t>(size));
  while (!rest.empty()) {
    if (rest.data() != line) out.Char(' ');
    const size_t end = rest.find('\0');
    if (end == std::string_view::npos) {
      out.Text("...");
      return;
    }
    WriteShellWord(out, rest.substr(0, end));
    rest.remove_prefix(end + 1);
  }
}

void WriteBazelCommand(TextWriter& out, std::string_view target) {
  out.Text("bazel test ");
  WriteShellWord(out, target);
  if (const char* filter = os::GetEnv("TESTBRIDGE_TEST_ONLY")) {
    out.Text(" --test_filter=");
    WriteShellWord(out, filter);
  }
  if (const char* options = os::GetEnv("DBGALLOC_OPTIONS")) {
    out.Text(" --test_env=DBGALLOC_OPTIONS=");
    WriteShellWord(out, options);
  }
}

}  // namespace

void WriteShellWord(TextWriter& out, std::string_view text) {
  if (IsPlain(text)) {
    out.Text(text);
    return;
  }
  out.Char('\'');
  for (char c : text) {
    if (c == '\'') {
      out.Text("'\\''");
    } else {
      out.Char(c == '\n' ? ' ' : c);
    }
  }
  out.Char('\'');
}

void WriteRerun(TextWriter& out) {
  if (const char* target = os::GetEnv("TEST_TARGET")) {
    WriteBazelCommand(out, target);
    return;
  }
  for (const char* name : kVariables) {
    const char* value = os::GetEnv(name);
    if (value == nullptr || *value == '\0') continue;
    out.Text(name).Char('=');
    WriteShellWord(out, value);
    out.Char(' ');
  }
  WriteCommandLine(out);
}

}  // namespace dbgalloc::report
