#include "alloc/report/process_frames.h"

#include <string>
#include <vector>

#include "alloc/stack/stack_depot.h"
#include "alloc/stack/symbolizer.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace dbgalloc::report {
namespace {

using testing::Contains;
using testing::HasSubstr;

// What was shown, kept.
class Functions final : public FrameVisitor {
 public:
  void OnFrame(const FrameDescription& frame) override {
    list.emplace_back(frame.function);
    modules.emplace_back(frame.module);
  }
  std::vector<std::string> list;
  std::vector<std::string> modules;
};

[[gnu::noinline]] uintptr_t AddressInHere() {
  return reinterpret_cast<uintptr_t>(__builtin_return_address(0));
}

[[gnu::noinline]] uintptr_t Landmark() {
  const uintptr_t address = AddressInHere();
  asm volatile("");
  return address;
}

TEST(ProcessFrames, FindsWhatTheDepotHolds) {
  const uintptr_t counters[] = {Landmark(), 0x1234};
  const uint32_t id = stack::GlobalStackDepot().Intern(counters, 2);
  ProcessFrames frames(/*symbolize=*/true);
  const uintptr_t* found = nullptr;
  ASSERT_EQ(frames.Find(id, &found), 2u);
  EXPECT_EQ(found[0], counters[0]);
  EXPECT_EQ(found[1], 0x1234u);
  EXPECT_EQ(frames.Find(0, &found), 0u);
}

TEST(ProcessFrames, NamesFunctionsAndGivesTheMemoryBack) {
  ProcessFrames frames(/*symbolize=*/true);
  Functions functions;
  frames.Describe(Landmark(), CounterKind::kCall, functions);
  EXPECT_THAT(functions.list, Contains(HasSubstr("Landmark")));
  EXPECT_GT(stack::SymbolMemory(), 0u);
  frames.Release();
  EXPECT_EQ(stack::SymbolMemory(), 0u);
  frames.Describe(Landmark(), CounterKind::kCall, functions);
  EXPECT_EQ(functions.list.front(), functions.list.back());
}

TEST(ProcessFrames, NamesModulesAloneOnRequest) {
  ProcessFrames frames(/*symbolize=*/false);
  Functions functions;
  frames.Describe(Landmark(), CounterKind::kCall, functions);
  ASSERT_EQ(functions.list.size(), 1u);
  EXPECT_EQ(functions.list[0], "");
  EXPECT_THAT(functions.modules[0], HasSubstr("process_frames_test"));
}

}  // namespace
}  // namespace dbgalloc::report
