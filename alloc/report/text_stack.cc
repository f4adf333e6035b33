#include "alloc/report/text_stack.h"

#include "alloc/report/stack_walk.h"
#include "alloc/report/text_color.h"
#include "alloc/report/user_frame.h"
#include "alloc/report/words.h"

namespace dbgalloc::report {
namespace {

using base::TextWriter;

void WritePosition(TextWriter& out, const FrameDescription& frame) {
  if (!frame.file.empty()) {
    out.Char(' ');
    WriteForeign(out, frame.file);
    if (frame.line > 0) out.Char(':').Dec(static_cast<uint64_t>(frame.line));
    if (frame.line > 0 && frame.column > 0) {
      out.Char(':').Dec(static_cast<uint64_t>(frame.column));
    }
  } else if (!frame.module.empty()) {
    out.Text(" (");
    WriteForeign(out, frame.module);
    out.Char('+').Hex(frame.module_offset).Char(')');
    if (!frame.build_id.empty()) {
      out.Text(" (BuildId: ").Text(frame.build_id).Char(')');
    }
  }
}

constexpr std::string_view kCut = "...";

// What is shown of a line of source.
struct SourceWindow {
  size_t begin;
  size_t end;
};

SourceWindow WindowAround(std::string_view line, size_t caret) {
  constexpr size_t kWidth = 120;
  constexpr size_t kBeforeCaret = 80;
  if (line.size() <= kWidth) return {0, line.size()};
  const size_t begin = caret > kBeforeCaret ? caret - kBeforeCaret : 0;
  const size_t end = begin + kWidth;
  return {begin, end < line.size() ? end : line.size()};
}

// Writes the lines of one stack.
class FrameLines final : public FrameVisitor {
 public:
  FrameLines(const Surroundings& surroundings, TextScratch& scratch,
             TextWriter& out, bool keep)
      : surroundings_(surroundings),
        scratch_(scratch),
        out_(out),
        keep_(keep) {}

  void OnFrame(const FrameDescription& frame) override {
    WriteLine(frame);
    const bool first_of_user = !user_seen_ && IsUserFrame(frame);
    if (keep_ && (number_ == 0 || first_of_user)) {
      scratch_.top.Keep(frame);
    }
    ++number_;
    if (!first_of_user) return;
    user_seen_ = true;
    WriteSource(frame);
  }

 private:
  void WriteLine(const FrameDescription& frame) {
    out_.Text("    #").Dec(number_).Char(' ').Hex(frame.program_counter);
    if (!frame.function.empty()) {
      out_.Text(" in ");
      WriteLongName(out_, frame.function);
    }
    WritePosition(out_, frame);
    out_.Char('\n');
  }

  // The line of source and a caret under the column, or under the first
  // character when the column is not known.
  void WriteSource(const FrameDescription& frame) {
    if (surroundings_.host == nullptr || frame.line <= 0) return;
    if (frame.file.empty()) return;
    const std::ptrdiff_t size = surroundings_.host->ReadSourceLine(
        frame.file, frame.line, scratch_.line, sizeof(scratch_.line));
    if (size <= 0) return;
    const std::string_view line(scratch_.line, static_cast<size_t>(size));
    size_t caret = 0;
    while (caret < line.size() && (line[caret] == ' ' || line[caret] == '\t')) {
      ++caret;
    }
    if (caret == line.size()) return;
    const auto column = static_cast<size_t>(frame.column);
    if (frame.column > 0 && column <= line.size()) caret = column - 1;
    WriteWithCaret(frame.line, line, caret);
  }

  // Of a long line the part around the caret.
  void WriteWithCaret(int number, std::string_view line, size_t caret) {
    const SourceWindow window = WindowAround(line, caret);
    out_.PaddedDec(static_cast<uint64_t>(number), 10).Text(" | ");
    if (window.begin > 0) out_.Text(kCut);
    for (size_t i = window.begin; i < window.end; ++i) {
      out_.Char(IsControl(line[i]) ? '?' : line[i]);
    }
    if (window.end < line.size()) out_.Text(kCut);
    out_.Char('\n').Repeat(' ', 10).Text(" | ");
    if (window.begin > 0) out_.Repeat(' ', kCut.size());
    for (size_t i = window.begin; i < caret; ++i) {
      out_.Char(line[i] == '\t' ? '\t' : ' ');
    }
    SetColor(out_, surroundings_.color, Color::kCaret);
    out_.Char('^');
    SetColor(out_, surroundings_.color, Color::kNone);
    out_.Char('\n');
  }

  static bool IsControl(char c) {
    const auto code = static_cast<unsigned char>(c);
    return (code < 0x20 && c != '\t') || code == 0x7f;
  }

  const Surroundings& surroundings_;
  TextScratch& scratch_;
  TextWriter& out_;
  const bool keep_;
  bool user_seen_ = false;
  uint64_t number_ = 0;
};

}  // namespace

void StackWriter::WriteThread(uint32_t thread) {
  out_.Text("by thread T").Dec(thread);
  if (surroundings_.host == nullptr) return;
  const size_t size = surroundings_.host->ThreadName(thread, scratch_.name,
                                                     sizeof(scratch_.name));
  if (size == 0) return;
  out_.Text(" \"");
  WriteForeign(out_, {scratch_.name, size});
  out_.Char('"');
}

void StackWriter::WriteFrames(uint32_t stack, bool blamed, bool from_fault) {
  WriteLines(stack, blamed || !scratch_.top.known, from_fault);
}

void StackWriter::WriteLines(uint32_t stack, bool keep_top, bool from_fault) {
  FrameLines lines(surroundings_, scratch_, out_, keep_top);
  if (!VisitStack(surroundings_, stack, from_fault, lines)) {
    out_.Text("    (no stack was recorded)\n");
  }
}

void StackWriter::WriteNames(uint64_t number, uint32_t stack) {
  HeapEvent event;
  event.number = number;
  WriteTimedNames(event, stack);
}

void StackWriter::WriteTimedNames(const HeapEvent& event, uint32_t stack) {
  const uint32_t hash = HashOfStack(surroundings_, stack);
  if (event.number == 0 && hash == 0) return;
  out_.Text("    (");
  if (event.number != 0) out_.Text("operation ").Dec(event.number);
  if (event.number != 0 && event.timed) WriteTimeAgo(out_.Text(", "), event);
  if (event.number != 0 && hash != 0) out_.Text(", ");
  if (hash != 0) out_.Text("stack ").Hex(hash, kStackHashDigits);
  out_.Text(")\n");
}

void StackWriter::WriteTitle(const Party& party) {
  SetColor(out_, surroundings_.color, Color::kTitle);
  out_.Text(party.title);
  if (!party.means.empty()) out_.Text(", through ").Text(party.means);
  out_.Text(", ");
  WriteThread(party.event.thread);
  SetColor(out_, surroundings_.color, Color::kNone);
  out_.Char('\n');
}

void StackWriter::WriteParty(const Party& party, bool blamed) {
  WriteTitle(party);
  WriteFrames(party.event.stack, blamed, party.from_fault);
  WriteNames(party.event.number, party.event.stack);
}

void StackWriter::WriteBystander(const Party& party) {
  WriteTitle(party);
  WriteLines(party.event.stack, /*keep_top=*/false, party.from_fault);
  WriteNames(party.event.number, party.event.stack);
}

void WriteTopFrame(TextWriter& out, const KeptFrame& frame) {
  if (!frame.known) {
    out.Text("in an unknown place");
    return;
  }
  if (!frame.file.view().empty()) {
    WriteForeign(out, frame.file.view());
    if (frame.line > 0) out.Char(':').Dec(static_cast<uint64_t>(frame.line));
  } else if (!frame.module.view().empty()) {
    out.Char('(');
    WriteForeign(out, frame.module.view());
    out.Char('+').Hex(frame.module_offset).Char(')');
  } else {
    out.Hex(frame.program_counter);
  }
  if (!frame.function.view().empty()) {
    out.Text(" in ");
    WriteLongName(out, frame.function.view());
  }
}

}  // namespace dbgalloc::report
