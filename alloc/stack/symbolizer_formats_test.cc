// The ways in which debug information is kept: DWARF 4 and 5, compressed, in a
// file beside the library, in one that is missing, and not at all.
#include <dlfcn.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "alloc/stack/source_column.h"
#include "alloc/stack/symbolizer.h"

namespace dbgalloc::stack {
namespace {

[[gnu::noinline]] uintptr_t ReturnAddress() {
  return reinterpret_cast<uintptr_t>(__builtin_return_address(0));
}

using CallSiteFunction = void (*)(uintptr_t (*callee)(),
                                  uintptr_t* return_address, int* line);

class SymbolizeLibrary : public testing::TestWithParam<std::string> {
 protected:
  void Load(const std::string& name) {
    const std::string path = "alloc/stack/libsymbols_" + name + ".so";
    void* library = dlopen(path.c_str(), RTLD_NOW);
    ASSERT_NE(library, nullptr) << dlerror();
    const auto function = reinterpret_cast<CallSiteFunction>(
        dlsym(library, "DbgallocTestCallSite"));
    ASSERT_NE(function, nullptr);
    function(ReturnAddress, &return_address_, &line_);
    function_ = reinterpret_cast<uintptr_t>(function);
  }

  uintptr_t function_ = 0;
  uintptr_t return_address_ = 0;
  int line_ = 0;
};

TEST_P(SymbolizeLibrary, NamesFunctionFileAndLine) {
  Load(GetParam());
  SymbolFrame frame;
  ASSERT_EQ(Symbolize(return_address_, &frame, 1), 1u);
  EXPECT_NE(std::string(frame.function)
                .find("dbgalloc_test::Caller<int>::Call(unsigned long (*)())"),
            std::string::npos)
      << frame.function;
  EXPECT_STREQ(frame.file, "alloc/stack/testdata/symbols_library.cc");
  EXPECT_EQ(frame.line, line_);
  EXPECT_EQ(CalledAt(frame), "callee");
}

INSTANTIATE_TEST_SUITE_P(Formats, SymbolizeLibrary,
                         testing::Values("dwarf4", "dwarf5", "compressed",
                                         "compressed_gnu", "debuglink",
                                         "prelinked", "split"));

TEST_F(SymbolizeLibrary, OffsetsOfAPrelinkedOneAreAsItsFileHasThem) {
  Load("prelinked");
  SymbolFrame frame;
  ASSERT_EQ(Symbolize(function_, &frame, 1, PcKind::kExact), 1u);
  EXPECT_GE(frame.module_offset, uintptr_t{0x200000000});
  EXPECT_LT(frame.module_offset, uintptr_t{0x200100000});
}

TEST_F(SymbolizeLibrary, OfAStrippedOneTheExportedNamesAreLeft) {
  Load("stripped");
  SymbolFrame frame;
  ASSERT_EQ(Symbolize(function_, &frame, 1, PcKind::kExact), 1u);
  EXPECT_STREQ(frame.function, "DbgallocTestCallSite");
  EXPECT_STREQ(frame.file, "");
  EXPECT_EQ(frame.line, 0);
  EXPECT_NE(std::string(frame.module).find("libsymbols_stripped.so"),
            std::string::npos);
}

}  // namespace
}  // namespace dbgalloc::stack
