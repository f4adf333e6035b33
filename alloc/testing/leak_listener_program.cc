// Tests that leak and tests that do not. Those whose names begin with "Leaks"
// must fail, and no others; leak_listener_check.py compares.
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "dbgalloc/testing/leak_listener.h"
#include "gtest/gtest.h"

namespace {

// Hides a block from the optimizer, which may leave out malloc and free.
void* Opaque(void* block) {
  asm volatile("" : "+r"(block) : : "memory");
  return block;
}

[[gnu::noinline]] void LoseMemory(size_t size) {
  static_cast<void>(Opaque(malloc(size)));
  asm volatile("");  // no tail call: the function is to be on the stack
}

// Leaves no pointer behind in the frames that the next calls use.
[[gnu::noinline]] void ClearStack() {
  volatile char room[4096];
  for (volatile char& byte : room) byte = 0;
}

TEST(Simple, Passes) {
  std::vector<std::string> words(100, std::string(50, 'x'));
  EXPECT_EQ(words.size(), 100u);
}

TEST(Simple, LeaksOneBlock) {
  LoseMemory(123);
  ClearStack();
}

TEST(Simple, PassesAfterALeak) { std::make_unique<int>(7); }

TEST(Simple, LeaksABlockThatHoldsAnother) {
  struct Node {
    std::string* name;
  };
  auto* node = static_cast<Node*>(Opaque(new Node));
  node->name = new std::string(100, 'n');
  node = nullptr;
  ClearStack();
}

// Kept on purpose: caches, and what is made at first use.
std::map<int, std::string>& Cache() {
  static auto* cache = new std::map<int, std::string>;
  return *cache;
}

TEST(Reachable, FillsACache) {
  for (int i = 0; i < 100; ++i) Cache()[i] = std::string(100, 'c');
}

TEST(Reachable, FillsItFurther) {
  for (int i = 100; i < 200; ++i) Cache()[i] = std::string(100, 'c');
}

TEST(Reachable, KeepsMemoryOfItsThread) {
  static thread_local std::string kept;
  kept.assign(1000, 't');
}

TEST(GoogleTestItself, RecordsProperties) { RecordProperty("color", "blue"); }

TEST(GoogleTestItself, IsSkipped) { GTEST_SKIP() << "for the blocks it keeps"; }

TEST(Threads, LeaksInAThread) {
  std::thread([] {
    LoseMemory(321);
    ClearStack();
  }).join();
}

TEST(Threads, PassesWithThreads) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([] { std::vector<int> numbers(1000, 7); });
  }
  for (std::thread& thread : threads) thread.join();
}

class Fixture : public testing::Test {
 protected:
  Fixture() : member_(new std::string(100, 'm')) {}
  std::unique_ptr<std::string> member_;
  std::string* raw_ = new std::string(100, 'r');
};

TEST_F(Fixture, LeaksWhatTheFixtureForgets) {}
TEST_F(Fixture, PassesWhenTheTestFreesIt) { delete raw_; }

class WithSuiteSetUp : public testing::Test {
 protected:
  static void SetUpTestSuite() { shared_ = new std::vector<int>(1000); }
  static void TearDownTestSuite() { delete shared_; }
  static std::vector<int>* shared_;
};
std::vector<int>* WithSuiteSetUp::shared_ = nullptr;

TEST_F(WithSuiteSetUp, Passes) { shared_->resize(5000); }
TEST_F(WithSuiteSetUp, PassesAgain) { EXPECT_EQ(shared_->size() % 1000, 0u); }

class Parameterized : public testing::TestWithParam<int> {};
TEST_P(Parameterized, LeaksForOdd) {
  if (GetParam() % 2 == 1) LoseMemory(200);
  ClearStack();
}
INSTANTIATE_TEST_SUITE_P(Numbers, Parameterized, testing::Values(1, 2, 3));

TEST(OptOut, PassesBecauseItMayLeak) {
  dbgalloc::AllowLeaksInThisTest();
  LoseMemory(77);
  ClearStack();
}
TEST(OptOut, LeaksWithoutPermission) {
  LoseMemory(78);
  ClearStack();
}

class SuiteOptOut : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    dbgalloc::AllowLeaksInThisTestSuite();
    LoseMemory(88);
  }
};
TEST_F(SuiteOptOut, PassesBecauseTheSuiteMayLeak) {
  LoseMemory(89);
  ClearStack();
}

class SuiteSetUpLeaks : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    LoseMemory(99);
    ClearStack();
  }
};
TEST_F(SuiteSetUpLeaks, Passes) {}

[[noreturn]] void LeakAndDie() {
  LoseMemory(55);
  abort();
}

TEST(ProcessDeathTest, PassesThoughTheChildLeaks) {
  EXPECT_DEATH(LeakAndDie(), "");
}

}  // namespace
