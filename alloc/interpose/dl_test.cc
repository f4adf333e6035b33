// dlopen and dlclose, of libraries that allocate in their constructors and
// destructors, and from several threads.
#include <dlfcn.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <atomic>
#include <thread>
#include <vector>

namespace {

const char* library_path = nullptr;

using AllocateFunction = void* (*)(size_t);

TEST(DynamicLoading, LibrariesComeAndGo) {
  std::vector<void*> blocks;
  for (int i = 0; i < 50; ++i) {
    void* library = dlopen(library_path, RTLD_NOW | RTLD_LOCAL);
    ASSERT_NE(library, nullptr) << dlerror();
    auto allocate =
        reinterpret_cast<AllocateFunction>(dlsym(library, "AllocateInLibrary"));
    ASSERT_NE(allocate, nullptr);
    blocks.push_back(allocate(100 + static_cast<size_t>(i)));
    ASSERT_EQ(dlclose(library), 0);
  }
  // The code that allocated them is gone.
  for (void* block : blocks) {
    EXPECT_EQ(*static_cast<char*>(block), 'n');
    free(block);
  }
}

TEST(DynamicLoading, WhileOtherThreadsAllocate) {
  std::atomic<bool> stop{false};
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&stop] {
      while (!stop) free(malloc(1000));
    });
  }
  for (int i = 0; i < 50; ++i) {
    void* library = dlopen(library_path, RTLD_LAZY);
    ASSERT_NE(library, nullptr);
    dlclose(library);
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();
}

TEST(DynamicLoading, FailuresAreReportedAsEver) {
  EXPECT_EQ(dlopen("/nonexistent/library.so", RTLD_NOW), nullptr);
  const char* message = dlerror();
  ASSERT_NE(message, nullptr);
  EXPECT_NE(std::string(message).find("nonexistent"), std::string::npos);
  EXPECT_EQ(dlsym(RTLD_DEFAULT, "no_such_symbol_anywhere"), nullptr);
  EXPECT_NE(dlerror(), nullptr);
}

}  // namespace

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  if (argc < 2) return 1;
  library_path = argv[1];
  return RUN_ALL_TESTS();
}
