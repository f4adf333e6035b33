#include "alloc/stack/modules.h"

#include <dlfcn.h>
#include <gnu/libc-version.h>
#include <gtest/gtest.h>
#include <string.h>

#include <string>
#include <vector>

#include "alloc/stack/capture_entry.h"
#include "alloc/stack/symbolizer.h"
#include "alloc/stack/unwind.h"

namespace dbgalloc::stack {
namespace {

using CallBack = int (*)(void (*callback)(void*), void* context);

// One of the two libraries, open as long as this lives.
class Library {
 public:
  explicit Library(const std::string& name)
      : handle_(dlopen(("alloc/stack/" + name).c_str(), RTLD_NOW)) {
    EXPECT_NE(handle_, nullptr) << dlerror();
  }
  ~Library() { dlclose(handle_); }
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;

  CallBack call_back() const {
    return reinterpret_cast<CallBack>(dlsym(handle_, "DbgallocTestCallBack"));
  }
  CallBack call_back_elsewhere() const {
    return reinterpret_cast<CallBack>(
        dlsym(handle_, "DbgallocTestCallBackElsewhere"));
  }
  uintptr_t address() const { return reinterpret_cast<uintptr_t>(call_back()); }

 private:
  void* handle_;
};

void LocalFunction() {}

TEST(DescribeModule, KnowsTheProgram) {
  ModuleInfo info;
  const auto address = reinterpret_cast<uintptr_t>(&LocalFunction);
  ASSERT_TRUE(DescribeModule(address, &info));
  EXPECT_NE(strstr(info.path, "modules_test"), nullptr) << info.path;
  EXPECT_EQ(info.path[0], '/');
  EXPECT_EQ(info.base + info.offset, address);
  EXPECT_TRUE(info.is_loaded);
}

TEST(DescribeModule, KnowsTheCLibraryWithItsBuildId) {
  ModuleInfo info;
  ASSERT_TRUE(DescribeModule(reinterpret_cast<uintptr_t>(&gnu_get_libc_version),
                             &info));
  EXPECT_NE(strstr(info.path, "libc.so"), nullptr) << info.path;
  EXPECT_EQ(strlen(info.build_id), 40u);
  EXPECT_EQ(strspn(info.build_id, "0123456789abcdef"), 40u);
}

TEST(DescribeModule, KnowsNothingOfOtherMemory) {
  ModuleInfo info;
  std::vector<char> heap(100);
  EXPECT_FALSE(DescribeModule(0, &info));
  EXPECT_FALSE(DescribeModule(16, &info));
  EXPECT_FALSE(DescribeModule(reinterpret_cast<uintptr_t>(heap.data()), &info));
  EXPECT_FALSE(DescribeModule(UINTPTR_MAX, &info));
}

TEST(DescribeModule, RemembersALibraryThatWasClosed) {
  uintptr_t address = 0;
  ModuleInfo open;
  {
    Library library("libclosed_library_small.so");
    address = library.address();
    NoteLoadedModules();
    ASSERT_TRUE(DescribeModule(address, &open));
    EXPECT_TRUE(open.is_loaded);
  }
  ModuleInfo closed;
  ASSERT_TRUE(DescribeModule(address, &closed));
  EXPECT_FALSE(closed.is_loaded);
  EXPECT_EQ(closed.offset, open.offset);
  EXPECT_NE(strstr(closed.path, "libclosed_library_small.so"), nullptr);
  EXPECT_STREQ(closed.build_id, open.build_id);

  SymbolFrame frame;
  ASSERT_EQ(Symbolize(address, &frame, 1), 1u);
  EXPECT_STREQ(frame.function, "");
  EXPECT_EQ(frame.module_offset, open.offset);
}

struct Capture {
  std::vector<uintptr_t> frames = std::vector<uintptr_t>(256);
};

void CaptureInto(void* context) {
  Capture& capture = *static_cast<Capture*>(context);
  capture.frames.resize(CaptureHere(
      capture.frames.data(), capture.frames.size(), UnwindMethod::kTables));
}

struct Visit {
  uintptr_t call = 0;              // where the library called back
  std::vector<uintptr_t> callers;  // of the library, outward
};

// Captures through a function of a library. Frame 0 is CaptureInto, 1 the
// library.
Visit CaptureThrough(CallBack call_back) {
  Capture capture;
  call_back(CaptureInto, &capture);
  Visit visit;
  if (capture.frames.size() < 2) return visit;
  visit.call = capture.frames[1];
  visit.callers.assign(capture.frames.begin() + 2, capture.frames.end());
  return visit;
}

class LibrariesInTurn : public testing::Test {
 protected:
  static constexpr const char* kNames[] = {"libclosed_library_small.so",
                                           "libclosed_library_large.so"};

  // The two must call from the same address, or the test proves nothing.
  void SetUp() override {
    uintptr_t calls[2];
    for (int i = 0; i < 2; ++i) {
      const Library library(kNames[i]);
      calls[i] = CaptureThrough(library.call_back()).call;
      InvalidateUnwindCache();
    }
    if (calls[0] != calls[1]) GTEST_SKIP() << "loaded at different places";
  }
};

TEST_F(LibrariesInTurn, AreToldApartWhenTheCacheIsInvalidated) {
  std::vector<uintptr_t> known;
  for (int round = 0; round < 6; ++round) {
    {
      const Library library(kNames[round % 2]);
      const Visit visit = CaptureThrough(library.call_back());
      EXPECT_GT(visit.callers.size(), 4u);
      if (round == 0) known = visit.callers;
      EXPECT_EQ(visit.callers, known) << round;
    }
    InvalidateUnwindCache();
  }
}

// Nobody says that a library was closed. The first address that is new shows
// another library where the old one was, and all rows are dropped.
TEST_F(LibrariesInTurn, AreToldApartByWhatIsLoaded) {
  std::vector<uintptr_t> known;
  for (int round = 0; round < 8; ++round) {
    const Library library(kNames[round % 2]);
    // It makes no difference whether a report noted the library before.
    if (round >= 3) NoteLoadedModules();
    CaptureThrough(library.call_back_elsewhere());
    const Visit visit = CaptureThrough(library.call_back());
    EXPECT_GT(visit.callers.size(), 4u);
    if (round == 0) known = visit.callers;
    EXPECT_EQ(visit.callers, known) << round;
  }
}

}  // namespace
}  // namespace dbgalloc::stack
