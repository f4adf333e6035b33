#include "alloc/report/sample_process.h"

#include <map>
#include <string_view>
#include <vector>

#include "alloc/report/report_samples.h"

namespace dbgalloc::report {
namespace {

struct FakeFrame {
  const char* function;
  const char* file;
  int line;
  int column;
  const char* module = "";
  uint64_t offset = 0;
  const char* build_id = "";
};

const char kListSource[] = "src/list.cc";

// Program counters in order; several frames at one are inlined calls.
const std::map<uintptr_t, std::vector<FakeFrame>>& FramesByCounter() {
  static const auto* frames = new std::map<uintptr_t, std::vector<FakeFrame>>{
      {0x401136, {{"MakeNode(int)", kListSource, 3, 33}}},
      {0x401180, {{"Release(Node*)", kListSource, 7, 3}}},
      {0x4011c4,
       {{"std::default_delete<Node>::operator()(Node*) const",
         "/usr/include/c++/12/bits/unique_ptr.h", 95, 2},
        {"ReleaseAll(List&)", kListSource, 12, 5}}},
      {0x401200, {{"main", "src/main.cc", 20, 0}}},
      {0x401300, {{"Worker::Run()", "src/worker.cc", 31, 7}}},
      {0x7f3a2000124a,
       {{"__libc_start_main", "", 0, 0, "/lib/x86_64-linux-gnu/libc.so.6",
         0x2724a, "0f1e2d3c"}}},
      {0x7f3a20040abc,
       {{"exit", "", 0, 0, "/lib/x86_64-linux-gnu/libc.so.6", 0x3eabc,
         "0f1e2d3c"}}},
      {0x55d0c0ffee00,
       {{"", "", 0, 0, "/opt/app/server", 0x1ee00, "abad1dea"}}},
      {0x55d0c0ffef10,
       {{"", "", 0, 0, "/opt/app/server", 0x1ef10, "abad1dea"}}},
  };
  return *frames;
}

const std::map<uint32_t, std::vector<uintptr_t>>& Stacks() {
  static const auto* stacks = new std::map<uint32_t, std::vector<uintptr_t>>{
      {kAllocateStack, {0x401136, 0x401200, 0x7f3a2000124a}},
      {kFirstFreeStack, {0x401180, 0x401200, 0x7f3a2000124a}},
      {kSecondFreeStack, {0x4011c4, 0x401200, 0x7f3a2000124a}},
      {kWorkerStack, {0x401180, 0x401300}},
      {kExitStack, {0x7f3a20040abc, 0x7f3a2000124a}},
      {kPlainStack, {0x55d0c0ffee00, 0x55d0c0ffef10}},
  };
  return *stacks;
}

class FakeFrames final : public FrameSource {
 public:
  size_t Find(uint32_t stack, const uintptr_t** counters) override {
    const auto found = Stacks().find(stack);
    if (found == Stacks().end()) return 0;
    *counters = found->second.data();
    return found->second.size();
  }

  uint32_t HashOf(uint32_t stack) override {
    return Stacks().count(stack) == 0 ? 0 : 0x5eed0000 + stack;
  }

  void Describe(uintptr_t program_counter, CounterKind,
                FrameVisitor& visitor) override {
    for (const FakeFrame& fake : FramesByCounter().at(program_counter)) {
      FrameDescription frame;
      frame.program_counter = program_counter;
      frame.function = fake.function;
      frame.file = fake.file;
      frame.line = fake.line;
      frame.column = fake.column;
      frame.module = fake.module;
      frame.module_offset = fake.offset;
      frame.build_id = fake.build_id;
      visitor.OnFrame(frame);
    }
  }
};

class FakeHost final : public HostView {
 public:
  std::ptrdiff_t ReadSourceLine(std::string_view file, int line, char* buffer,
                                size_t capacity) override {
    static const std::map<int, std::string_view> kLines = {
        {3, "Node* MakeNode(int value) { return new Node(value); }"},
        {7, "\tfree(node);"},
        {12, "    list.head.reset();"},
    };
    if (file != kListSource || kLines.count(line) == 0) return -1;
    return static_cast<std::ptrdiff_t>(kLines.at(line).copy(buffer, capacity));
  }

  size_t ThreadName(uint32_t thread, char* buffer, size_t capacity) override {
    static const std::map<uint32_t, std::string_view> kNames = {
        {0, "main"}, {1, "odd\nname"}, {2, "worker"}};
    const auto found = kNames.find(thread);
    return found == kNames.end() ? 0 : found->second.copy(buffer, capacity);
  }

  bool NameAddress(uintptr_t address, base::TextWriter& out) override {
    if (address < 0x7ffc00000000 || address > 0x7fffffffffff) return false;
    out.Text("on the stack of this thread");
    return true;
  }
};

}  // namespace

Surroundings SampleSurroundings() {
  static FakeFrames frames;
  static FakeHost host;
  Surroundings surroundings;
  surroundings.process_id = 4242;
  surroundings.frames = &frames;
  surroundings.host = &host;
  surroundings.rerun = "DBGALLOC_OPTIONS=redzone=32 ./app --fast";
  return surroundings;
}

}  // namespace dbgalloc::report
