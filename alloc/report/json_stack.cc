#include "alloc/report/json_stack.h"

#include "alloc/report/stack_walk.h"
#include "alloc/report/user_frame.h"
#include "alloc/report/words.h"

namespace dbgalloc::report {
namespace {

using std::string_view_literals::operator""sv;

std::string_view RoleName(PartyRole role) {
  switch (role) {
    case PartyRole::kNow:
      return "now";
    case PartyRole::kOwner:
      return "owner";
    case PartyRole::kFreed:
      return "freed";
    case PartyRole::kResized:
      return "resized";
    case PartyRole::kAllocated:
      return "allocated";
  }
  return "now";
}

void WritePosition(JsonWriter& json, std::string_view file, int line,
                   int column) {
  json.Member("file"sv, file);
  if (line > 0) json.Member("line", static_cast<uint64_t>(line));
  if (line > 0 && column > 0) {
    json.Member("column", static_cast<uint64_t>(column));
  }
}

void WriteModule(JsonWriter& json, std::string_view module, uint64_t offset) {
  if (module.empty()) return;
  json.Member("module"sv, module);
  json.Key("module_offset").Address(offset);
}

class FrameObjects final : public FrameVisitor {
 public:
  FrameObjects(const Surroundings& surroundings, TextScratch& scratch,
               JsonWriter& json, bool keep)
      : surroundings_(surroundings),
        scratch_(scratch),
        json_(json),
        keep_(keep) {}

  void OnFrame(const FrameDescription& frame) override {
    const bool is_user = IsUserFrame(frame);
    const bool first_of_user = is_user && !user_seen_;
    if (keep_ && (is_first_ || first_of_user)) scratch_.top.Keep(frame);
    is_first_ = false;
    user_seen_ = user_seen_ || is_user;

    json_.BeginObject().Key("pc").Address(frame.program_counter);
    json_.Member("function"sv, frame.function);
    WritePosition(json_, frame.file, frame.line, frame.column);
    WriteModule(json_, frame.module, frame.module_offset);
    json_.Member("build_id"sv, frame.build_id);
    json_.Key("user").Bool(is_user);
    if (first_of_user) WriteSource(frame);
    json_.EndObject();
  }

 private:
  void WriteSource(const FrameDescription& frame) {
    if (surroundings_.host == nullptr || frame.line <= 0) return;
    if (frame.file.empty()) return;
    const std::ptrdiff_t size = surroundings_.host->ReadSourceLine(
        frame.file, frame.line, scratch_.line, sizeof(scratch_.line));
    if (size <= 0) return;
    json_.Member("source"sv,
                 std::string_view(scratch_.line, static_cast<size_t>(size)));
  }

  const Surroundings& surroundings_;
  TextScratch& scratch_;
  JsonWriter& json_;
  const bool keep_;
  bool is_first_ = true;
  bool user_seen_ = false;
};

}  // namespace

void JsonStacks::WriteThread(uint32_t thread) {
  json_.Key("thread").BeginObject().Member("number", thread);
  if (surroundings_.host != nullptr) {
    const size_t size = surroundings_.host->ThreadName(thread, scratch_.name,
                                                       sizeof(scratch_.name));
    json_.Member("name"sv, std::string_view(scratch_.name, size));
  }
  json_.EndObject();
}

void JsonStacks::WriteNames(uint64_t number, uint32_t stack) {
  if (number != 0) json_.Member("operation_number", number);
  const uint32_t hash = HashOfStack(surroundings_, stack);
  if (hash == 0) return;
  json_.Key("stack").Built(
      [hash](base::TextWriter& text) { text.Hex(hash, kStackHashDigits); });
}

void JsonStacks::WriteFrames(uint32_t stack, bool blamed, bool from_fault) {
  WriteFrameObjects(stack, blamed || !scratch_.top.known, from_fault);
}

void JsonStacks::WriteFrameObjects(uint32_t stack, bool keep_top,
                                   bool from_fault) {
  if (!with_frames_) return;
  json_.Key("frames").BeginArray();
  FrameObjects objects(surroundings_, scratch_, json_, keep_top);
  VisitStack(surroundings_, stack, from_fault, objects);
  json_.EndArray();
}

// Milliseconds lie between the two bounds.
void JsonStacks::WriteAge(const HeapEvent& now, const HeapEvent& event) {
  const uint64_t age = AgeOf(now, event);
  if (age == 0 && !event.timed) return;
  json_.Key("age").BeginObject();
  if (age != 0) {
    json_.Member("operations", age);
    json_.Key("exact").Bool(IsExactAge(now, event));
  }
  if (event.timed) {
    json_.Member("least_ms", event.least_ago);
    json_.Member("most_ms", event.most_ago);
    json_.Key("text").Built(
        [&event](base::TextWriter& text) { WriteTimeAgo(text, event); });
  }
  json_.EndObject();
}

void JsonStacks::WriteMembers(const Party& party, const HeapEvent& now) {
  json_.Member("role"sv, RoleName(party.role));
  json_.Member("title"sv, party.title).Member("through"sv, party.means);
  WriteNames(party.event.number, party.event.stack);
  WriteAge(now, party.event);
  WriteThread(party.event.thread);
}

void JsonStacks::WriteParty(const Party& party, const HeapEvent& now,
                            bool blamed) {
  json_.BeginObject();
  WriteMembers(party, now);
  json_.Key("blamed").Bool(blamed);
  WriteFrames(party.event.stack, blamed, party.from_fault);
  json_.EndObject();
}

void JsonStacks::WriteBystander(const Party& party, const HeapEvent& now) {
  json_.BeginObject();
  WriteMembers(party, now);
  WriteFrameObjects(party.event.stack, /*keep_top=*/false, party.from_fault);
  json_.EndObject();
}

void WriteJsonTop(JsonWriter& json, const KeptFrame& frame) {
  json.Key("top").BeginObject();
  if (frame.known) {
    json.Key("pc").Address(frame.program_counter);
    json.Member("function"sv, frame.function.view());
    WritePosition(json, frame.file.view(), frame.line, frame.column);
    WriteModule(json, frame.module.view(), frame.module_offset);
  }
  json.EndObject();
}

}  // namespace dbgalloc::report
