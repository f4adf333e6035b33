#include "alloc/report/rerun.h"

#include <string_view>

#include "alloc/os/env.h"
#include "alloc/os/raw_io.h"

namespace dbgalloc::report {
namespace {

using base::TextWriter;

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

// The options that hold now, the further ones behind them, as one word.
void WriteOptions(TextWriter& out, std::string_view options) {
  const char* present = os::GetEnv("DBGALLOC_OPTIONS");
  const bool has_both =
      present != nullptr && *present != '\0' && !options.empty();
  char both[1024];
  TextWriter joined(both, sizeof(both));
  if (present != nullptr) joined.Terminated(present);
  if (has_both) joined.Char(':');
  joined.Text(options);
  WriteShellWord(out, joined.view());
}

bool HasOptions(std::string_view options) {
  return !options.empty() || os::GetEnv("DBGALLOC_OPTIONS") != nullptr;
}

void WriteBazelCommand(TextWriter& out, std::string_view target,
                       std::string_view options) {
  out.Text("bazel test ");
  WriteShellWord(out, target);
  if (const char* filter = os::GetEnv("TESTBRIDGE_TEST_ONLY")) {
    out.Text(" --test_filter=");
    WriteShellWord(out, filter);
  }
  if (!HasOptions(options)) return;
  out.Text(" --test_env=DBGALLOC_OPTIONS=");
  WriteOptions(out, options);
}

void WriteVariable(TextWriter& out, const char* name) {
  const char* value = os::GetEnv(name);
  if (value == nullptr || *value == '\0') return;
  out.Text(name).Char('=');
  WriteShellWord(out, value);
  out.Char(' ');
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

void WriteRerun(TextWriter& out, std::string_view options) {
  if (const char* target = os::GetEnv("TEST_TARGET")) {
    WriteBazelCommand(out, target, options);
    return;
  }
  WriteVariable(out, "DBGALLOC_TARGET_OPTIONS");
  if (options.empty()) {
    WriteVariable(out, "DBGALLOC_OPTIONS");
  } else {
    WriteOptions(out.Text("DBGALLOC_OPTIONS="), options);
    out.Char(' ');
  }
  WriteVariable(out, "LD_PRELOAD");
  WriteCommandLine(out);
}

}  // namespace dbgalloc::report
