#include "alloc/stack/symbolizer.h"

#include <fcntl.h>
#include <gnu/libc-version.h>
#include <gtest/gtest.h>
#include <sys/auxv.h>
#include <sys/resource.h>
#include <unistd.h>

#include <set>
#include <string>
#include <vector>

#include "alloc/stack/caller_frame.h"
#include "alloc/stack/source_column.h"

namespace dbgalloc::stack {

// Where a call stood: the return address, and the line that the compiler says.
struct CallSite {
  uintptr_t return_address = 0;
  int line = 0;
};

[[gnu::noinline]] uintptr_t ReturnAddress() {
  return reinterpret_cast<uintptr_t>(__builtin_return_address(0));
}

#define DBGALLOC_CALL_SITE() \
  CallSite { ReturnAddress(), __LINE__ }

[[gnu::noinline]] CallSite GlobalFunction() { return DBGALLOC_CALL_SITE(); }

[[gnu::noinline]] static CallSite StaticFunction() {
  return DBGALLOC_CALL_SITE();
}

[[gnu::always_inline]] inline CallSite InlinedInner() {
  return DBGALLOC_CALL_SITE();
}
[[gnu::always_inline]] inline CallSite InlinedOuter() { return InlinedInner(); }
[[gnu::noinline]] CallSite InliningFunction() { return InlinedOuter(); }

template <typename T>
struct Holder {
  [[gnu::noinline]] static CallSite Call(T) { return DBGALLOC_CALL_SITE(); }
};

namespace {

std::vector<SymbolFrame> SymbolizeAll(uintptr_t address) {
  std::vector<SymbolFrame> frames(16);
  frames.resize(Symbolize(address, frames.data(), frames.size()));
  return frames;
}

void ExpectOutermost(const CallSite& site, const std::string& function) {
  const std::vector<SymbolFrame> frames = SymbolizeAll(site.return_address);
  ASSERT_EQ(frames.size(), 1u);
  EXPECT_EQ(frames[0].function, function);
  EXPECT_STREQ(frames[0].file, "alloc/stack/symbolizer_test.cc");
  EXPECT_EQ(frames[0].line, site.line);
}

TEST(Symbolize, NamesFunctionFileAndLine) {
  ExpectOutermost(GlobalFunction(), "dbgalloc::stack::GlobalFunction()");
}

TEST(Symbolize, NamesAFunctionOfOneFile) {
  ExpectOutermost(StaticFunction(), "dbgalloc::stack::StaticFunction()");
}

TEST(Symbolize, NamesATemplate) {
  ExpectOutermost(
      Holder<std::vector<int>>::Call({}),
      "dbgalloc::stack::Holder<std::vector<int, std::allocator<int> > "
      ">::Call(std::vector<int, std::allocator<int> >)");
}

TEST(Symbolize, NamesALambda) {
  const auto lambda = [](int) { return DBGALLOC_CALL_SITE(); };
  const std::vector<SymbolFrame> frames =
      SymbolizeAll(lambda(1).return_address);
  ASSERT_GE(frames.size(), 1u);
  const std::string function = frames.back().function;
  EXPECT_NE(function.find("NamesALambda"), std::string::npos) << function;
  // GCC numbers it, Clang gives it a name.
  EXPECT_TRUE(function.find("{lambda(int)#1}::operator()(int) const") !=
                  std::string::npos ||
              function.find("::$_0::operator()(int) const") !=
                  std::string::npos)
      << function;
}

TEST(Symbolize, GivesInlinedFunctionsInnermostFirst) {
  const CallSite site = InliningFunction();
  const std::vector<SymbolFrame> frames = SymbolizeAll(site.return_address);
  ASSERT_EQ(frames.size(), 3u);
  EXPECT_NE(std::string(frames[0].function).find("InlinedInner"),
            std::string::npos);
  EXPECT_EQ(frames[0].line, site.line);
  EXPECT_NE(std::string(frames[1].function).find("InlinedOuter"),
            std::string::npos);
  EXPECT_STREQ(frames[2].function, "dbgalloc::stack::InliningFunction()");
  EXPECT_EQ(CalledAt(frames[1]), "InlinedInner");
  EXPECT_EQ(CalledAt(frames[2]), "InlinedOuter");
  for (const SymbolFrame& frame : frames) {
    EXPECT_EQ(frame.module_offset, frames[0].module_offset);
  }
}

TEST(Symbolize, CutsInlinedFunctionsToTheCapacity) {
  SymbolFrame frame;
  EXPECT_EQ(Symbolize(InliningFunction().return_address, &frame, 1), 1u);
  EXPECT_NE(std::string(frame.function).find("InlinedInner"),
            std::string::npos);
}

TEST(Symbolize, AnExactCounterIsNotMovedBack) {
  SymbolFrame frame;
  const auto begin = reinterpret_cast<uintptr_t>(&GlobalFunction);
  ASSERT_EQ(Symbolize(begin, &frame, 1, PcKind::kExact), 1u);
  EXPECT_STREQ(frame.function, "dbgalloc::stack::GlobalFunction()");
}

TEST(Symbolize, NamesTheModule) {
  SymbolFrame frame;
  Symbolize(GlobalFunction().return_address, &frame, 1);
  EXPECT_NE(std::string(frame.module).find("symbolizer_test"),
            std::string::npos);
  EXPECT_GT(frame.module_offset, 0u);
}

TEST(Symbolize, NamesAFunctionOfTheCLibrary) {
  SymbolFrame frame;
  const auto begin = reinterpret_cast<uintptr_t>(&gnu_get_libc_version);
  ASSERT_EQ(Symbolize(begin, &frame, 1, PcKind::kExact), 1u);
  EXPECT_NE(std::string(frame.function).find("gnu_get_libc_version"),
            std::string::npos);
  EXPECT_NE(std::string(frame.module).find("libc"), std::string::npos);
  EXPECT_GT(std::string(frame.build_id).size(), 8u);
}

// Debug files of packages are found by build id.
TEST(Symbolize, ReadsTheDebugFilesOfTheSystem) {
  SymbolFrame frame;
  const auto begin = reinterpret_cast<uintptr_t>(&gnu_get_libc_version);
  ASSERT_EQ(Symbolize(begin, &frame, 1, PcKind::kExact), 1u);
  const std::string id = frame.build_id;
  if (access(("/usr/lib/debug/.build-id/" + id.substr(0, 2) + "/" +
              id.substr(2) + ".debug")
                 .c_str(),
             R_OK) != 0) {
    GTEST_SKIP() << "the C library's debug file is not installed";
  }
  EXPECT_NE(std::string(frame.file).find("version.c"), std::string::npos)
      << frame.file;
  EXPECT_GT(frame.line, 0);
}

TEST(Symbolize, LooksAFrameUpOnce) {
  const uintptr_t address = GlobalFunction().return_address;
  SymbolFrame first, second, exact;
  ASSERT_EQ(Symbolize(address, &first, 1), 1u);
  const size_t memory = SymbolMemory();
  for (int i = 0; i < 10000; ++i) {
    ASSERT_EQ(Symbolize(address, &second, 1), 1u);
    ASSERT_EQ(second.function, first.function) << "the same text";
  }
  EXPECT_EQ(SymbolMemory(), memory);
  ASSERT_EQ(Symbolize(address - 1, &exact, 1, PcKind::kExact), 1u);
  EXPECT_EQ(exact.function, first.function);
  EXPECT_EQ(exact.module_offset + 1, first.module_offset);
}

// More frames than the first table has room for.
TEST(Symbolize, ManyFramesKeepTheirOwnNames) {
  const auto begin = reinterpret_cast<uintptr_t>(&GlobalFunction);
  std::vector<std::string> names;
  for (int time = 0; time < 2; ++time) {
    for (size_t i = 0; i < 3000; ++i) {
      SymbolFrame frame;
      ASSERT_EQ(Symbolize(begin + i, &frame, 1, PcKind::kExact), 1u);
      const std::string name =
          std::string(frame.function) + ":" + std::to_string(frame.line);
      if (time == 0) names.push_back(name);
      ASSERT_EQ(name, names[i]);
    }
  }
  EXPECT_GT(std::set<std::string>(names.begin(), names.end()).size(), 3u);
}

// libbacktrace finds no file for it; its own dynamic symbols are in memory.
TEST(Symbolize, NamesAFunctionOfTheVdso) {
  const uintptr_t vdso = getauxval(AT_SYSINFO_EHDR);
  if (vdso == 0) GTEST_SKIP() << "no vdso here";
  int named = 0;
  for (uintptr_t address = vdso; address < vdso + 8192; address += 16) {
    SymbolFrame frame;
    if (Symbolize(address, &frame, 1, PcKind::kExact) == 1 &&
        std::string(frame.function).find("vdso_") != std::string::npos) {
      ++named;
    }
  }
  EXPECT_GT(named, 0);
}

TEST(Symbolize, AnAddressOfNoModuleIsOneEmptyFrame) {
  SymbolFrame frame;
  ASSERT_EQ(Symbolize(0x1234, &frame, 1), 1u);
  EXPECT_STREQ(frame.function, "");
  EXPECT_STREQ(frame.file, "");
  EXPECT_STREQ(frame.module, "");
  EXPECT_EQ(Symbolize(0x1234, &frame, 0), 0u);
}

TEST(Symbolize, WithoutDescriptorsTheModuleIsStillNamed) {
  ReleaseSymbols();
  rlimit old_limit;
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &old_limit), 0);
  rlimit none = old_limit;
  none.rlim_cur = 0;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
  SymbolFrame frame;
  const auto begin = reinterpret_cast<uintptr_t>(&gnu_get_libc_version);
  const size_t count = Symbolize(begin, &frame, 1, PcKind::kExact);
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &old_limit), 0);
  ASSERT_EQ(count, 1u);
  EXPECT_NE(std::string(frame.module).find("libc"), std::string::npos);
  EXPECT_NE(std::string(frame.function).find("gnu_get_libc_version"),
            std::string::npos)
      << "the dynamic symbols are in memory";
  ReleaseSymbols();
}

TEST(ReleaseSymbols, GivesTheMemoryBackAndStartsAfresh) {
  ExpectOutermost(GlobalFunction(), "dbgalloc::stack::GlobalFunction()");
  EXPECT_GT(SymbolMemory(), 0u);
  ReleaseSymbols();
  EXPECT_EQ(SymbolMemory(), 0u);
  ExpectOutermost(GlobalFunction(), "dbgalloc::stack::GlobalFunction()");
}

TEST(ReleaseSymbols, LeavesNoDescriptorOpen) {
  const int before = open("/dev/null", O_RDONLY);
  close(before);
  ReleaseSymbols();
  ExpectOutermost(GlobalFunction(), "dbgalloc::stack::GlobalFunction()");
  const int after = open("/dev/null", O_RDONLY);
  close(after);
  EXPECT_EQ(before, after);
}

}  // namespace
}  // namespace dbgalloc::stack
