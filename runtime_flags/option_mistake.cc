#include "runtime_flags/option_mistake.h"

#include <cerrno>

#include "runtime_flags/value_text.h"

namespace dbgalloc::runtime_flags {
namespace {

// The C library's strerror() may allocate and take a lock.
std::string_view ErrorText(int error_number) {
  switch (error_number) {
    case ENOENT:
      return "no such file";
    case ENOTDIR:
      return "a part of the path is not a directory";
    case EISDIR:
      return "it is a directory";
    case EACCES:
    case EPERM:
      return "permission denied";
    case EMFILE:
    case ENFILE:
      return "too many open files";
    case ELOOP:
      return "too many symbolic links";
    case ENAMETOOLONG:
      return "the name is too long";
    case EAGAIN:
      return "it is a pipe or device without data";
    case EIO:
      return "input/output error";
    default:
      return "";
  }
}

void WriteErrorNumber(int error_number, base::TextWriter& out) {
  const std::string_view text = ErrorText(error_number);
  if (text.empty()) {
    out.Text("error ").SignedDec(error_number);
  } else {
    out.Text(text);
  }
}

void WriteUnknownName(const OptionMistake& mistake, base::TextWriter& out) {
  out.Text("unknown option ");
  WriteQuotedForMessage(mistake.setting.name, out);
  out.Text(" in ");
  WritePlace(mistake.setting.place, out);
  out.Text("; expected one of the names that help=1 lists");
  const NearestName nearest = NearestFlagName(mistake.setting.name);
  if (nearest.close) {
    out.Text("; did you mean \"").Text(nearest.name).Text("\"?");
  } else {
    out.Text("; the nearest is \"").Text(nearest.name).Char('"');
  }
}

void WriteBadValue(const OptionMistake& mistake, base::TextWriter& out) {
  out.Text("bad value ");
  WriteQuotedForMessage(mistake.setting.value, out);
  out.Text(" for option \"").Text(mistake.setting.name).Text("\" in ");
  WritePlace(mistake.setting.place, out);
  out.Text("; expected ");
  WriteExpected(*mistake.setting.flag, out);
  const std::string_view nearest =
      NearestWord(*mistake.setting.flag, mistake.setting.value);
  if (!nearest.empty()) {
    out.Text("; did you mean \"").Text(nearest).Text("\"?");
  }
}

// What is wrong with a pair that could not be read as one.
std::string_view PairProblem(MistakeKind kind) {
  switch (kind) {
    case MistakeKind::kNoEquals:
      return "no '=' in ";
    case MistakeKind::kNoName:
      return "no name before '=' in ";
    case MistakeKind::kOpenQuote:
      return "a quote is opened and never closed in ";
    case MistakeKind::kTextAfterQuote:
      return "text follows the closing quote in ";
    default:
      return "a byte that is not text in ";
  }
}

void WriteMalformedPair(const OptionMistake& mistake, base::TextWriter& out) {
  out.Text(PairProblem(mistake.kind));
  WriteQuotedForMessage(mistake.setting.text, out);
  out.Text(", at byte ").Dec(mistake.setting.offset).Text(" of ");
  WritePlace(mistake.setting.place, out);
  out.Text("; expected name=value");
  if (mistake.kind == MistakeKind::kNoEquals) {
    const NearestName nearest = NearestFlagName(mistake.setting.text);
    if (nearest.close) {
      out.Text("; did you mean \"").Text(nearest.name).Text("=...\"?");
    }
  }
}

void WriteFileProblem(const OptionMistake& mistake, base::TextWriter& out) {
  switch (mistake.kind) {
    case MistakeKind::kUnreadableFile:
      out.Text(": ");
      WriteErrorNumber(mistake.error_number, out);
      out.Text("; expected a readable text file");
      return;
    case MistakeKind::kFileTooLarge:
      out.Text(": it is too large; expected at most ").Dec(mistake.limit);
      out.Text(" bytes, in all files that include one another");
      return;
    case MistakeKind::kFileIncludesItself:
      out.Text(": the file includes itself; expected no cycle");
      return;
    case MistakeKind::kTooManyNested:
      out.Text(": files nest too deeply; expected at most ");
      out.Dec(mistake.limit).Text(" inside one another");
      return;
    case MistakeKind::kTooManyFiles:
      out.Text(": too many files; expected at most ");
      out.Dec(mistake.limit).Text(" in all");
      return;
    default:
      out.Text(": the path is too long; expected at most ");
      out.Dec(mistake.limit).Text(" bytes");
      return;
  }
}

void WriteBadInclude(const OptionMistake& mistake, base::TextWriter& out) {
  out.Text("cannot read \"");
  WriteEscaped(mistake.setting.value, out);
  out.Text("\" for option \"").Text(mistake.setting.name).Text("\" in ");
  WritePlace(mistake.setting.place, out);
  WriteFileProblem(mistake, out);
}

}  // namespace

void WritePlace(const OptionPlace& place, base::TextWriter& out) {
  switch (place.source) {
    case OptionSource::kDefault:
      out.Text("the built-in defaults");
      return;
    case OptionSource::kProgramDefault:
      out.Text("__dbgalloc_default_options()");
      return;
    case OptionSource::kTarget:
      out.Text("DBGALLOC_TARGET_OPTIONS");
      return;
    case OptionSource::kEnvironment:
      out.Text("DBGALLOC_OPTIONS");
      return;
    case OptionSource::kFile:
      WriteEscaped(place.file, out);
      out.Char(':').Dec(place.line);
      return;
    case OptionSource::kCode:
      out.Text("the program's code");
      return;
  }
}

void WriteMistake(const OptionMistake& mistake, base::TextWriter& out) {
  switch (mistake.kind) {
    case MistakeKind::kUnknownName:
      return WriteUnknownName(mistake, out);
    case MistakeKind::kBadValue:
      return WriteBadValue(mistake, out);
    case MistakeKind::kNoEquals:
    case MistakeKind::kNoName:
    case MistakeKind::kOpenQuote:
    case MistakeKind::kTextAfterQuote:
    case MistakeKind::kControlByte:
      return WriteMalformedPair(mistake, out);
    default:
      return WriteBadInclude(mistake, out);
  }
}

}  // namespace dbgalloc::runtime_flags
