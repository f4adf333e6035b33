// Also compiled as C++17: what it does is what a user's code does.
#include "dbgalloc/options.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <type_traits>

namespace dbgalloc {
namespace {

// Options belong in constant-initialized globals.
constexpr Options kBuiltIn;
static_assert(kBuiltIn.redzone == 16);
static_assert(kBuiltIn.redzone.source() == OptionSource::kDefault);

TEST(OptionsTest, DefaultsAreThoseOfTheContract) {
  const Options options;
  EXPECT_EQ(options.allocator, AllocatorChoice::kDebug);
  EXPECT_TRUE(options.safety);
  EXPECT_TRUE(options.thread_safe);
  EXPECT_FALSE(options.check_threads);
  EXPECT_EQ(options.stack_trace_frames, 16);
  EXPECT_EQ(options.stack_depot_size, 256 * kMebibyte);
  EXPECT_EQ(options.unwind, UnwindMethod::kAuto);
  EXPECT_EQ(options.canary, 0x9232a6ff85dff10f);
  EXPECT_EQ(options.page_size, 128 * kKibibyte);
  EXPECT_EQ(options.alloc_fill_byte, 0xaa);
  EXPECT_EQ(options.free_fill_byte, 0xdd);
  EXPECT_EQ(options.quarantine_size, 64 * kMebibyte);
  EXPECT_EQ(options.retained_records_size, 256 * kMebibyte);
  EXPECT_EQ(options.fail_index, -1);
  EXPECT_EQ(options.exitcode, 1);
  EXPECT_EQ(options.leak_exitcode, 23);
  EXPECT_TRUE(options.log_path.empty());
}

TEST(OptionsTest, ReadsLikeAPlainStruct) {
  Options options;
  options.stack_trace_frames = 8;
  options.safety = false;
  options.unwind = UnwindMethod::kDwarf;
  options.log_path = "/tmp/report";
  const size_t redzone = options.redzone;
  const std::string_view path = options.log_path;
  EXPECT_EQ(redzone, 16u);
  EXPECT_EQ(path, "/tmp/report");
  EXPECT_STREQ(options.log_path.c_str(), "/tmp/report");
  EXPECT_FALSE(options.safety);
  switch (options.unwind) {
    case UnwindMethod::kDwarf:
      break;
    default:
      FAIL() << "unwind was assigned";
  }
}

TEST(OptionsTest, AssigningMarksTheSourceEvenOfAnEqualValue) {
  Options options;
  options.redzone = 16;
  EXPECT_EQ(options.redzone.source(), OptionSource::kCode);
  EXPECT_EQ(options.canary.source(), OptionSource::kDefault);
}

TEST(OptionsTest, ATextOptionTakesExactlyItsCapacity) {
  using Text = OptionValue<std::string_view>;
  const std::string longest(Text::kMaxLength, 'x');
  Options options;
  EXPECT_TRUE(options.log_path.Set(longest, OptionSource::kFile));
  EXPECT_EQ(options.log_path.value(), longest);
  EXPECT_FALSE(options.log_path.Set(longest + "y", OptionSource::kTarget));
  EXPECT_EQ(options.log_path.value(), longest);
  EXPECT_EQ(options.log_path.source(), OptionSource::kFile);
}

TEST(OptionsTest, AShorterTextReplacesALongerOneWhole) {
  Options options;
  options.log_path = "a long path";
  options.log_path = "short";
  EXPECT_STREQ(options.log_path.c_str(), "short");
}

TEST(OptionsTest, APointerIsNoBool) {
  using Bool = OptionValue<bool>;
  EXPECT_FALSE((std::is_assignable_v<Bool&, const char*>));
  EXPECT_TRUE((std::is_assignable_v<Bool&, int>));
}

TEST(MergedTest, CodeWinsOverTheEnvironmentWhereItSpoke) {
  Options outside;
  outside.redzone.Set(64, OptionSource::kEnvironment);
  outside.stack_trace_frames.Set(4, OptionSource::kEnvironment);
  Options code;
  code.redzone = 32;
  const Options merged = Options::Merged(outside, code);
  EXPECT_EQ(merged.redzone, 32u);
  EXPECT_EQ(merged.redzone.source(), OptionSource::kCode);
  EXPECT_EQ(merged.stack_trace_frames, 4);
}

TEST(MergedTest, OverrideLetsVariablesAndFilesWinOverCode) {
  for (OptionSource source : {OptionSource::kTarget, OptionSource::kEnvironment,
                              OptionSource::kFile}) {
    Options outside;
    outside.override.Set(true, OptionSource::kEnvironment);
    outside.redzone.Set(64, source);
    Options code;
    code.redzone = 32;
    code.exitcode = 9;
    const Options merged = Options::Merged(outside, code);
    EXPECT_EQ(merged.redzone, 64u);
    EXPECT_EQ(merged.exitcode, 9) << "the variable says nothing about it";
  }
}

TEST(MergedTest, OverrideDoesNotRaiseTheProgramsOwnDefaults) {
  Options outside;
  outside.override.Set(true, OptionSource::kEnvironment);
  outside.redzone.Set(64, OptionSource::kProgramDefault);
  Options code;
  code.redzone = 32;
  EXPECT_EQ(Options::Merged(outside, code).redzone, 32u);
}

TEST(OptionsTest, WithoutLocksTheOwnerIsChecked) {
  Options options;
  EXPECT_FALSE(options.ChecksThreads());
  options.thread_safe = false;
  EXPECT_TRUE(options.ChecksThreads());
}

}  // namespace
}  // namespace dbgalloc
