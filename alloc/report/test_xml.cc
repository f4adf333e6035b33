#include "alloc/report/test_xml.h"

#include <atomic>
#include <cstddef>

#include "alloc/base/text_writer.h"
#include "alloc/os/env.h"
#include "alloc/os/raw_io.h"
#include "alloc/report/utf8.h"

namespace dbgalloc::report {
namespace {

using base::TextWriter;

// What our files end with, and no other does: there the next failure goes.
constexpr std::string_view kTail =
    "</testcase><!--dbgalloc-->\n</testsuite>\n</testsuites>\n";

constinit std::atomic<int> claimed_by{0};

std::string_view LastComponent(std::string_view path) {
  const size_t slash = path.rfind('/');
  if (slash != std::string_view::npos) path.remove_prefix(slash + 1);
  return path;
}

const char* TestXmlPath() {
  const char* path = os::GetEnv("XML_OUTPUT_FILE");
  return path != nullptr && *path != '\0' ? path : nullptr;
}

bool RunsTheTest() {
  const char* program = os::GetEnv("TEST_BINARY");
  return program != nullptr && LastComponent(program) == os::ExecutedName();
}

// XML has no way to write most control characters.
void WriteCharacter(TextWriter& out, char c) {
  switch (c) {
    case '&':
      out.Text("&amp;");
      break;
    case '<':
      out.Text("&lt;");
      break;
    case '>':
      out.Text("&gt;");
      break;
    case '"':
      out.Text("&quot;");
      break;
    case '\n':
    case '\t':
      out.Char(c);
      break;
    default:
      out.Char(static_cast<unsigned char>(c) < 0x20 ? '?' : c);
      break;
  }
}

// U+FFFE and U+FFFF are no characters of XML, though UTF-8 can write them.
bool IsNoCharacter(std::string_view character) {
  return character == "\xef\xbf\xbe" || character == "\xef\xbf\xbf";
}

void WriteEscaped(TextWriter& out, std::string_view text) {
  while (!text.empty()) {
    const size_t length = CharacterLength(text);
    const std::string_view character(text.data(), length);
    if (length == 1) {
      WriteCharacter(out, text[0]);
    } else if (length == 0 || IsNoCharacter(character)) {
      out.Char('?');
    } else {
      out.Text(character);
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
}

void WriteHead(TextWriter& out) {
  const std::string_view program = os::ExecutedName();
  out.Text("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
  out.Text("<testsuites tests=\"1\" failures=\"1\" errors=\"0\">\n");
  WriteEscaped(out.Text("<testsuite name=\""), program);
  out.Text("\" tests=\"1\" failures=\"1\" errors=\"0\">\n");
  WriteEscaped(out.Text("<testcase name=\""), program);
  out.Text("\" classname=\"dbgalloc\" status=\"run\">\n");
}

void WriteToFile(void* descriptor, std::string_view text) {
  os::WriteAll(*static_cast<int*>(descriptor), text);
}

// -1: somebody else's file stands there, or the kernel refused.
int OpenOurs(const char* path, bool* is_new) {
  const int fresh = os::OpenNew(path);
  *is_new = fresh >= 0;
  if (*is_new) return fresh;
  bool is_ours = false;
  const int descriptor = os::OpenToContinue(path, kTail, is_ours);
  if (descriptor < 0 || is_ours) return descriptor;
  os::Close(descriptor);
  return -1;
}

}  // namespace

void ClaimTestXml() {
  if (os::IsSecureExecution() || TestXmlPath() == nullptr) return;
  if (RunsTheTest()) claimed_by.store(os::ProcessId());
}

bool WantsTestXml() {
  return claimed_by.load() == os::ProcessId() && TestXmlPath() != nullptr;
}

void AddToTestXml(std::string_view sentence, std::string_view report) {
  const char* path = TestXmlPath();
  if (path == nullptr) return;
  bool is_new = false;
  int descriptor = OpenOurs(path, &is_new);
  if (descriptor < 0) return;
  char buffer[4096];
  TextWriter out(buffer, sizeof(buffer), &WriteToFile, &descriptor);
  if (is_new) WriteHead(out);
  WriteEscaped(out.Text("<failure message=\""), sentence);
  WriteEscaped(out.Text("\" type=\"leak\">"), report);
  out.Text("</failure>\n").Text(kTail).Flush();
  os::Close(descriptor);
}

}  // namespace dbgalloc::report
