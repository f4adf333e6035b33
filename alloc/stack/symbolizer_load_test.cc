// Ten thousand frames of a large library: what they cost.
//
// The time is printed, not judged: bazel run -c opt
// //alloc/stack:symbolizer_load_test
#include <dlfcn.h>
#include <gtest/gtest.h>
#include <link.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include <string>
#include <vector>

#include "alloc/stack/symbolizer.h"

namespace dbgalloc::stack {
namespace {

constexpr char kLibrary[] = "alloc/stack/liblarge.so";
constexpr size_t kFrames = 10000;
constexpr size_t kMebibyte = size_t{1} << 20;

struct Code {
  uintptr_t begin = 0;
  uintptr_t end = 0;
};

// From the first to the last function that the table of unwind information
// names.
int FindCode(dl_phdr_info* info, size_t, void* context) {
  if (strstr(info->dlpi_name, "liblarge.so") == nullptr) return 0;
  for (size_t i = 0; i < info->dlpi_phnum; ++i) {
    if (info->dlpi_phdr[i].p_type != PT_GNU_EH_FRAME) continue;
    const uintptr_t table = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;
    const auto* words = reinterpret_cast<const int32_t*>(table);
    const auto count = static_cast<size_t>(words[2]);
    Code& code = *static_cast<Code*>(context);
    code.begin = table + static_cast<uintptr_t>(words[3]);
    code.end = table + static_cast<uintptr_t>(words[3 + 2 * (count - 1)]);
  }
  return 1;
}

double CpuSeconds() {
  timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) +
         static_cast<double>(now.tv_nsec) / 1e9;
}

size_t ResidentBytes() {
  FILE* file = fopen("/proc/self/statm", "r");
  size_t pages = 0;
  if (file != nullptr && fscanf(file, "%*u %zu", &pages) != 1) pages = 0;
  if (file != nullptr) fclose(file);
  return pages * 4096;
}

TEST(SymbolizerLoad, TenThousandFramesFitTheirBounds) {
  void* library = dlopen(kLibrary, RTLD_NOW);
  ASSERT_NE(library, nullptr) << dlerror();
  struct stat file;
  ASSERT_EQ(stat(kLibrary, &file), 0);
  // 19 MiB with GCC, 13 with Clang.
  EXPECT_GE(static_cast<size_t>(file.st_size), 12 * kMebibyte);
  Code code;
  ASSERT_EQ(dl_iterate_phdr(FindCode, &code), 1);
  ASSERT_GT(code.end - code.begin, kFrames);

  const size_t resident = ResidentBytes();
  const double start = CpuSeconds();
  size_t named = 0;
  for (size_t i = 0; i < kFrames; ++i) {
    SymbolFrame frames[16];
    const uintptr_t address =
        code.begin + (code.end - code.begin) / kFrames * i;
    Symbolize(address, frames, 16, PcKind::kExact);
    if (frames[0].line > 0) ++named;
  }
  const double seconds = CpuSeconds() - start;
  const size_t grown = ResidentBytes() - resident;
  printf("%zu frames of a library of %zu MiB: %.2f s of CPU time, %zu MiB\n",
         kFrames, static_cast<size_t>(file.st_size) / kMebibyte, seconds,
         grown / kMebibyte);
  // Clang leaves code that stands nowhere in the source without a line.
  EXPECT_GT(named, kFrames * 8 / 10);
  EXPECT_LT(SymbolMemory(), 200 * kMebibyte);
  EXPECT_LT(grown, 200 * kMebibyte);
  ReleaseSymbols();
  EXPECT_EQ(SymbolMemory(), 0u);
}

}  // namespace
}  // namespace dbgalloc::stack
