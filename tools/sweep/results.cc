#include "tools/sweep/results.h"

#include <array>
#include <cinttypes>
#include <filesystem>
#include <map>
#include <sstream>

#include "alloc/base/text_writer.h"
#include "alloc/report/json_writer.h"

namespace dbgalloc::sweep {
namespace {

using report::JsonWriter;

// A word as a shell takes it.
std::string Quoted(const std::string& word) {
  constexpr char kPlain[] =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
      "-_=+./,:@%";
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) {
    return word;
  }
  std::string text = "'";
  for (char c : word) {
    text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  }
  return text + "'";
}

std::string TextOf(const Frame& frame) {
  std::ostringstream text;
  if (!frame.function.empty()) text << "in " << frame.function << ' ';
  if (!frame.file.empty()) {
    text << frame.file << ':' << frame.line;
  } else {
    text << '(' << frame.module << "+0x" << std::hex << frame.offset << ')';
  }
  return text.str();
}

void WriteStack(const char* title, const std::vector<Frame>& stack,
                std::ostream& out) {
  if (stack.empty()) return;
  out << "  " << title << '\n';
  for (size_t i = 0; i < stack.size(); ++i) {
    out << "    #" << i << ' ' << TextOf(stack[i]) << '\n';
  }
}

const char* OtherTitle(Verdict verdict) {
  switch (verdict) {
    case Verdict::kLeaked:
      return "the largest leak, allocated";
    case Verdict::kCorrupted:
      return "the error";
    default:
      return "the death";
  }
}

std::string RequestOf(const PointResult& point) {
  std::ostringstream text;
  text << (point.kind == SweepKind::kResize ? "resize " : "allocation ")
       << point.index
       << (point.kind == SweepKind::kFrom ? " and all later" : "") << " ("
       << point.size << " bytes)";
  return text.str();
}

std::string TextOf(const SweepPlan& plan, const PointResult& point) {
  std::ostringstream text;
  text << SlugOf(point.verdict) << ": " << RequestOf(point) << ": "
       << point.details << '\n';
  WriteStack("requested", point.stack, text);
  WriteStack(OtherTitle(point.verdict), point.other, text);
  text << "  rerun: " << RerunCommand(plan, point) << '\n';
  return text.str();
}

template <typename Write>
bool WriteFile(const std::string& path, const Write& write) {
  std::FILE* file = std::fopen(path.c_str(), "w");
  if (file == nullptr) return false;
  char buffer[4096];
  base::TextWriter out(
      buffer, sizeof(buffer),
      [](void* context, std::string_view text) {
        std::fwrite(text.data(), 1, text.size(),
                    static_cast<std::FILE*>(context));
      },
      file);
  write(out);
  out.Flush();
  return std::fclose(file) == 0;
}

void WriteFrames(JsonWriter& json, const char* name,
                 const std::vector<Frame>& stack) {
  if (stack.empty()) return;
  json.Key(name).BeginArray();
  for (const Frame& frame : stack) {
    json.BeginObject().Member("function", frame.function);
    json.Member("file", frame.file);
    if (frame.line != 0) json.Member("line", static_cast<uint64_t>(frame.line));
    json.Member("module", frame.module);
    json.Key("module_offset").Address(frame.offset).EndObject();
  }
  json.EndArray();
}

void WritePoint(JsonWriter& json, const SweepPlan& plan,
                const PointResult& point) {
  json.BeginObject().Member("verdict", std::string_view(SlugOf(point.verdict)));
  json.Member("mode", std::string_view(SlugOf(point.kind)));
  json.Member("index", point.index).Member("size", point.size);
  json.Key("stack_hash").Address(point.stack_hash);
  json.Member("way", ModeOf(point.hazard)).Member("details", point.details);
  if (point.known) json.Key("known").Bool(true);
  WriteFrames(json, "stack", point.stack);
  WriteFrames(json, "other_stack", point.other);
  if (point.verdict != Verdict::kHandled) {
    json.Member("rerun", RerunCommand(plan, point));
  }
  json.EndObject();
}

std::string XmlEscaped(const std::string& text) {
  std::string escaped;
  for (char c : text) {
    const auto code = static_cast<unsigned char>(c);
    if (c == '&') {
      escaped += "&amp;";
    } else if (c == '<') {
      escaped += "&lt;";
    } else if (c == '>') {
      escaped += "&gt;";
    } else if (c == '"') {
      escaped += "&quot;";
    } else if (code >= 0x20 || c == '\n' || c == '\t') {
      escaped += c;
    }
  }
  return escaped;
}

std::map<std::string, uint64_t> Ways(const SweepResult& result) {
  std::map<std::string, uint64_t> ways;
  for (const PointResult& point : result.points) ++ways[ModeOf(point.hazard)];
  return ways;
}

std::string ProgramName(const SweepPlan& plan) {
  return std::filesystem::path(plan.command[0]).filename().string();
}

}  // namespace

std::string RerunCommand(const SweepPlan& plan, const PointResult& point) {
  std::ostringstream text;
  text << "DBGALLOC_OPTIONS="
       << (point.kind == SweepKind::kResize ? "resize_fail_index="
                                            : "fail_index=")
       << point.index
       << (point.kind == SweepKind::kFrom ? "" : ":fail_mode=once");
  if (!plan.library.empty()) text << " LD_PRELOAD=" << Quoted(plan.library);
  text << " setarch -R";
  for (const std::string& word : plan.command) text << ' ' << Quoted(word);
  text << " <" << Quoted(plan.input);
  return text.str();
}

void WriteTable(const SweepPlan& plan, const SweepResult& result, size_t most,
                std::FILE* out) {
  size_t told = 0;
  std::array<uint64_t, kVerdicts> counts = {};
  uint64_t known = 0;
  for (const PointResult& point : result.points) {
    ++counts[static_cast<size_t>(point.verdict)];
    if (point.known) ++known;
    if (!IsFinding(point) || told++ >= most) continue;
    std::fprintf(out, "%s\n", TextOf(plan, point).c_str());
  }
  if (told > most) std::fprintf(out, "(%zu more)\n\n", told - most);
  std::fprintf(out,
               "%s: %" PRIu64 " allocations, %" PRIu64 " resizes, %" PRIu64
               " stacks; %zu points in %.2f s\n",
               ProgramName(plan).c_str(), result.allocations, result.resizes,
               result.stacks, result.points.size(), result.seconds);
  for (int i = 0; i < kVerdicts; ++i) {
    if (counts[static_cast<size_t>(i)] == 0) continue;
    std::fprintf(out, "  %-20s %8" PRIu64 "\n", SlugOf(static_cast<Verdict>(i)),
                 counts[static_cast<size_t>(i)]);
  }
  if (known != 0) std::fprintf(out, "  (known: %" PRIu64 ")\n", known);
  for (const auto& [way, count] : Ways(result)) {
    std::fprintf(out, "  %-20s %8" PRIu64 "\n", way.c_str(), count);
  }
  if (result.forks != 0) {
    std::fprintf(out, "  %" PRIu64 " forks, %.3f ms each\n", result.forks,
                 result.fork_seconds * 1e3 / static_cast<double>(result.forks));
  }
  if (!result.remark.empty()) std::fprintf(out, "%s\n", result.remark.c_str());
  if (!result.is_complete) {
    std::fprintf(out, "incomplete: a limit was reached\n");
  }
}

bool WriteJson(const SweepPlan& plan, const SweepResult& result,
               const std::string& path) {
  return WriteFile(path, [&](base::TextWriter& out) {
    JsonWriter json(out);
    json.BeginObject().Member("schema", uint64_t{1});
    json.Member("tool", std::string_view("dbgalloc sweep"));
    json.Key("command").BeginArray();
    for (const std::string& word : plan.command) json.String(word);
    json.EndArray();
    json.Member("allocations", result.allocations);
    json.Member("resizes", result.resizes).Member("stacks", result.stacks);
    json.Member("forks", result.forks);
    json.Member("fork_nanoseconds",
                static_cast<uint64_t>(result.fork_seconds * 1e9));
    json.Member("milliseconds", static_cast<uint64_t>(result.seconds * 1e3));
    json.Key("complete").Bool(result.is_complete);
    json.Member("remark", result.remark);
    json.Key("ways").BeginObject();
    for (const auto& [way, count] : Ways(result)) json.Member(way, count);
    json.EndObject().Key("points").BeginArray();
    for (const PointResult& point : result.points) {
      WritePoint(json, plan, point);
    }
    json.EndArray().EndObject();
    out.Char('\n');
  });
}

bool WriteJunit(const SweepPlan& plan, const SweepResult& result,
                const std::string& path) {
  return WriteFile(path, [&](base::TextWriter& out) {
    uint64_t findings = 0;
    for (const PointResult& point : result.points) findings += IsFinding(point);
    const std::string name = XmlEscaped(ProgramName(plan));
    out.Text("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
    out.Text("<testsuite name=\"").Text(name).Text("\" tests=\"");
    out.Dec(result.points.size()).Text("\" failures=\"").Dec(findings);
    out.Text("\">\n");
    for (const PointResult& point : result.points) {
      out.Text("<testcase classname=\"").Text(name).Text("\" name=\"");
      out.Text(XmlEscaped(RequestOf(point)));
      if (!IsFinding(point)) {
        out.Text("\"/>\n");
        continue;
      }
      out.Text("\"><failure type=\"").Text(SlugOf(point.verdict));
      out.Text("\" message=\"").Text(SlugOf(point.verdict)).Text(": ");
      out.Text(XmlEscaped(point.details)).Text("\">");
      out.Text(XmlEscaped(TextOf(plan, point)));
      out.Text("</failure></testcase>\n");
    }
    out.Text("</testsuite>\n</testsuites>\n");
  });
}

}  // namespace dbgalloc::sweep
