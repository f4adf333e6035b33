#include "alloc/report/sarif_location.h"

#include "alloc/report/stack_walk.h"
#include "alloc/report/user_frame.h"

namespace dbgalloc::report {
namespace {

using base::TextWriter;
using std::string_view_literals::operator""sv;

// How many of the user's functions tell one mistake from another.
constexpr int kTellingFrames = 3;

class TopFinder final : public FrameVisitor {
 public:
  explicit TopFinder(KeptFrame& top) : top_(top) { top_.known = false; }

  void OnFrame(const FrameDescription& frame) override {
    const bool is_user = IsUserFrame(frame);
    if (!top_.known || (is_user && user_frames_ == 0)) top_.Keep(frame);
    if (is_user && user_frames_++ < kTellingFrames) Mix(frame.function);
  }

  uint64_t hash() const { return hash_; }

 private:
  // FNV-1a; the zero keeps "ab","c" and "a","bc" apart.
  void Mix(std::string_view text) {
    for (char c : text) MixByte(static_cast<uint8_t>(c));
    MixByte(0);
  }
  void MixByte(uint8_t byte) {
    hash_ = (hash_ ^ byte) * uint64_t{0x100000001b3};
  }

  KeptFrame& top_;
  int user_frames_ = 0;
  uint64_t hash_ = uint64_t{0xcbf29ce484222325};
};

bool IsPlainInUri(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c >= '0' && c <= '9') ||
         std::string_view("-._~/+,@").find(c) != std::string_view::npos;
}

// Relative paths stay relative: below the root of the repository.
void WriteUri(TextWriter& out, std::string_view path) {
  if (path.front() == '/') out.Text("file://");
  for (char c : path) {
    if (IsPlainInUri(c)) {
      out.Char(c);
    } else {
      out.Char('%').HexByte(static_cast<uint8_t>(c));
    }
  }
}

void WriteRegion(JsonWriter& json, const FrameDescription& frame,
                 std::string_view source) {
  if (frame.line <= 0) return;
  json.Key("region").BeginObject();
  json.Member("startLine", static_cast<uint64_t>(frame.line));
  if (frame.column > 0) {
    json.Member("startColumn", static_cast<uint64_t>(frame.column));
  }
  if (!source.empty()) {
    json.Key("snippet").BeginObject().Member("text"sv, source).EndObject();
  }
  json.EndObject();
}

// Of a frame with a file the address comes too: both may stand side by side.
void WritePhysicalLocation(JsonWriter& json, const FrameDescription& frame,
                           std::string_view source) {
  json.Key("physicalLocation").BeginObject();
  if (frame.file.empty() || frame.program_counter != 0) {
    json.Key("address").BeginObject();
    json.Member("absoluteAddress", frame.program_counter).EndObject();
  }
  if (!frame.file.empty()) {
    json.Key("artifactLocation").BeginObject().Key("uri");
    json.Built([&](TextWriter& out) { WriteUri(out, frame.file); });
    json.EndObject();
    WriteRegion(json, frame, source);
  }
  json.EndObject();
}

void WriteLogicalLocation(JsonWriter& json, const FrameDescription& frame) {
  if (frame.function.empty()) return;
  json.Key("logicalLocations").BeginArray().BeginObject();
  json.Member("fullyQualifiedName"sv, frame.function);
  json.Member("kind"sv, "function"sv).EndObject().EndArray();
}

class StackFrames final : public FrameVisitor {
 public:
  StackFrames(JsonWriter& json, const Surroundings& surroundings,
              TextScratch& scratch, uint32_t thread)
      : json_(json),
        surroundings_(surroundings),
        scratch_(scratch),
        thread_(thread) {}

  void OnFrame(const FrameDescription& frame) override {
    json_.BeginObject().Key("location").BeginObject();
    WritePhysicalLocation(json_, frame, SourceOf(frame));
    WriteLogicalLocation(json_, frame);
    json_.EndObject().Member("module"sv, frame.module);
    json_.Member("threadId", thread_);
    WriteProperties(frame);
    json_.EndObject();
  }

 private:
  std::string_view SourceOf(const FrameDescription& frame) {
    if (user_seen_ || !IsUserFrame(frame)) return {};
    user_seen_ = true;
    if (surroundings_.host == nullptr) return {};
    if (frame.line <= 0 || frame.file.empty()) return {};
    const std::ptrdiff_t size = surroundings_.host->ReadSourceLine(
        frame.file, frame.line, scratch_.line, sizeof(scratch_.line));
    if (size <= 0) return {};
    return {scratch_.line, static_cast<size_t>(size)};
  }

  void WriteProperties(const FrameDescription& frame) {
    if (frame.module.empty()) return;
    json_.Key("properties").BeginObject();
    json_.Key("module_offset").Address(frame.module_offset);
    json_.Member("build_id"sv, frame.build_id).EndObject();
  }

  JsonWriter& json_;
  const Surroundings& surroundings_;
  TextScratch& scratch_;
  const uint32_t thread_;
  bool user_seen_ = false;
};

}  // namespace

uint64_t FindTop(const Surroundings& surroundings, uint32_t stack,
                 bool from_fault, KeptFrame& top) {
  TopFinder finder(top);
  VisitStack(surroundings, stack, from_fault, finder);
  return finder.hash();
}

void WriteSarifPlace(JsonWriter& json, const FrameDescription& frame) {
  WritePhysicalLocation(json, frame, {});
  WriteLogicalLocation(json, frame);
}

void WriteSarifPlace(JsonWriter& json, const KeptFrame& kept) {
  FrameDescription frame;
  frame.program_counter = kept.program_counter;
  frame.function = kept.function.view();
  frame.file = kept.file.view();
  frame.line = kept.line;
  frame.column = kept.column;
  WriteSarifPlace(json, frame);
}

void WriteSarifStack(JsonWriter& json, const Surroundings& surroundings,
                     TextScratch& scratch, std::string_view title,
                     const HeapEvent& event, bool from_fault) {
  const uint32_t hash = HashOfStack(surroundings, event.stack);
  json.BeginObject().Key("message").BeginObject().Key("text");
  json.Built([&](base::TextWriter& text) {
    text.Text(title);
    if (event.number != 0) text.Text(", operation ").Dec(event.number);
    if (hash != 0) text.Text(", stack ").Hex(hash, kStackHashDigits);
  });
  json.EndObject().Key("frames").BeginArray();
  StackFrames frames(json, surroundings, scratch, event.thread);
  VisitStack(surroundings, event.stack, from_fault, frames);
  json.EndArray().EndObject();
}

}  // namespace dbgalloc::report
