// The parts that symbol text is made of: readable names, paths, their memory.
#include <gtest/gtest.h>

#include <cstring>
#include <string>

#include "alloc/stack/demangle.h"
#include "alloc/stack/report_arena.h"
#include "alloc/stack/source_path.h"

namespace dbgalloc::stack {
namespace {

std::string Demangled(const std::string& symbol, size_t capacity = 4096) {
  std::string text(capacity, '?');
  const size_t size = Demangle(symbol.c_str(), text.data(), capacity);
  EXPECT_TRUE(size == 0 || text[size] == '\0');
  text.resize(size);
  return text;
}

TEST(Demangle, WritesReadableNames) {
  EXPECT_EQ(Demangled("_ZN8dbgalloc4FreeEPvm"),
            "dbgalloc::Free(void*, unsigned long)");
  EXPECT_EQ(Demangled("_Znwm"), "operator new(unsigned long)");
  EXPECT_EQ(Demangled("_ZNSt6vectorIiSaIiEE9push_backEOi"),
            "std::vector<int, std::allocator<int> >::push_back(int&&)");
}

TEST(Demangle, LeavesOtherSymbolsAlone) {
  for (const char* symbol : {"main", "", "_", "_Z", "_ZN8dbg", "Z3foov"}) {
    EXPECT_EQ(Demangled(symbol), "") << symbol;
  }
}

TEST(Demangle, CutsToTheCapacity) {
  EXPECT_EQ(Demangled("_ZN8dbgalloc4FreeEPvm", 9), "dbgalloc");
  EXPECT_EQ(Demangled("_ZN8dbgalloc4FreeEPvm", 0), "");
}

// A name whose notes would not fit the stack is left as it is.
TEST(Demangle, RefusesNamesLargerThanTheStack) {
  std::string symbol = "_ZN";
  for (int i = 0; i < 100000; ++i) symbol += "9namespace";
  symbol += "3fooEv";
  EXPECT_EQ(Demangled(symbol), "");
}

std::string Readable(const std::string& path) {
  const SourcePath parts = ReadableSourcePath(path);
  return std::string(parts.folder) + std::string(parts.rest);
}

TEST(ReadableSourcePath, UndoesWhatBazelDoes) {
  EXPECT_EQ(Readable("/proc/self/cwd/alloc/stack/unwind.cc"),
            "alloc/stack/unwind.cc");
  EXPECT_EQ(Readable("/proc/self/cwd/bazel-out/k8-opt/bin/alloc/"
                     "_virtual_includes/allocator/dbgalloc/allocator.h"),
            "alloc/allocator.h");
  EXPECT_EQ(Readable("bazel-out/k8-fastbuild/bin/external/dbgalloc/alloc/"
                     "_virtual_includes/c_api/dbgalloc/c_api.h"),
            "external/dbgalloc/alloc/c_api.h");
}

TEST(ReadableSourcePath, LeavesOtherPathsAlone) {
  for (const char* path :
       {"/usr/include/c++/12/vector", "main.cc", "",
        "bazel-out/k8-opt/bin/user/_virtual_includes/target/user/x.h",
        "a/_virtual_includes/", "a/_virtual_includes/x"}) {
    EXPECT_EQ(Readable(path), path);
  }
}

TEST(ReportArena, GivesDistinctAlignedMemory) {
  ReportArena arena;
  char* last = nullptr;
  for (size_t size : {1, 15, 16, 17, 1000, 300000, 5}) {
    char* memory = static_cast<char*>(arena.Allocate(size));
    ASSERT_NE(memory, nullptr);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(memory) % 16, 0u);
    EXPECT_NE(memory, last);
    memset(memory, 0x55, size);
    last = memory;
  }
  EXPECT_GT(arena.bytes(), 300000u);
  arena.Drop();
  EXPECT_EQ(arena.bytes(), 0u);
}

TEST(ReportArena, ExtendsTheNewestPieceInPlace) {
  ReportArena arena;
  void* first = arena.Allocate(100);
  EXPECT_TRUE(arena.Extend(first, 100, 1000));
  void* second = arena.Allocate(16);
  EXPECT_GE(static_cast<char*>(second), static_cast<char*>(first) + 1000);
  EXPECT_FALSE(arena.Extend(first, 1000, 2000));
  EXPECT_TRUE(arena.Extend(second, 16, 8));
  EXPECT_FALSE(arena.Extend(second, 8, size_t{100} << 20));
  arena.Drop();
}

TEST(ReportArena, LargePiecesAreFreedAlone) {
  ReportArena arena;
  void* small = arena.Allocate(8);
  const size_t before = arena.bytes();
  void* large = arena.Allocate(size_t{8} << 20);
  EXPECT_GT(arena.bytes(), before + (size_t{8} << 20) - 1);
  arena.Free(large, size_t{8} << 20);
  EXPECT_EQ(arena.bytes(), before);
  arena.Free(small, 8);
  EXPECT_EQ(arena.Allocate(8), small);
  arena.Drop();
}

TEST(ReportArena, RefusesAbsurdSizes) {
  ReportArena arena;
  EXPECT_EQ(arena.Allocate(SIZE_MAX), nullptr);
  EXPECT_EQ(arena.Allocate(size_t{1} << 62), nullptr);
  arena.Drop();
}

}  // namespace
}  // namespace dbgalloc::stack
