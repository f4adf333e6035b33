// Every operator new and delete, and what happens when memory is refused.
#include <gtest/gtest.h>
#include <stdint.h>
#include <string.h>

#include <new>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

constexpr auto kTooMuch = static_cast<size_t>(
    sizeof(size_t) == 8 ? uint64_t{1} << 60 : uint64_t{3} << 30);
constexpr std::align_val_t kAlignment{256};

template <typename T>
T Opaque(T value) {
  asm volatile("" : "+r"(value) : : "memory");
  return value;
}

bool IsAligned(const void* block) {
  return reinterpret_cast<uintptr_t>(block) % static_cast<size_t>(kAlignment) ==
         0;
}

int handler_calls = 0;

// Restores the program's handler, whatever a test does.
class NewTest : public testing::Test {
 protected:
  void SetUp() override { handler_calls = 0; }
  void TearDown() override { std::set_new_handler(nullptr); }
};

void GiveUpAtTheThirdCall() {
  if (++handler_calls == 3) std::set_new_handler(nullptr);
}

void ThrowRuntimeError() {
  ++handler_calls;
  throw std::bad_alloc();
}

TEST_F(NewTest, EveryFormYieldsABlockThatItsDeleteTakes) {
  for (size_t size : {0u, 1u, 100u, 100000u}) {
    ::operator delete(::operator new(Opaque(size)));
    ::operator delete[](::operator new[](Opaque(size)));
    ::operator delete(::operator new(Opaque(size)), size);
    ::operator delete[](::operator new[](Opaque(size)), size);
    ::operator delete(::operator new(Opaque(size), std::nothrow), std::nothrow);
    ::operator delete[](::operator new[](Opaque(size), std::nothrow),
                        std::nothrow);
  }
}

TEST_F(NewTest, EveryAlignedFormAlignsAndItsDeleteTakesTheBlock) {
  for (size_t size : {0u, 1u, 100u, 100000u}) {
    void* block = ::operator new(Opaque(size), kAlignment);
    EXPECT_TRUE(IsAligned(block));
    ::operator delete(block, kAlignment);
    block = ::operator new[](Opaque(size), kAlignment);
    EXPECT_TRUE(IsAligned(block));
    ::operator delete[](block, kAlignment);
    block = ::operator new(Opaque(size), kAlignment, std::nothrow);
    EXPECT_TRUE(IsAligned(block));
    ::operator delete(block, kAlignment, std::nothrow);
    block = ::operator new[](Opaque(size), kAlignment, std::nothrow);
    EXPECT_TRUE(IsAligned(block));
    ::operator delete[](block, kAlignment, std::nothrow);
    block = ::operator new(Opaque(size), kAlignment);
    ::operator delete(block, size, kAlignment);
    block = ::operator new[](Opaque(size), kAlignment);
    ::operator delete[](block, size, kAlignment);
  }
}

TEST_F(NewTest, OfZeroBytesIsUnique) {
  void* one = ::operator new(Opaque<size_t>(0));
  void* two = ::operator new(Opaque<size_t>(0));
  EXPECT_NE(one, nullptr);
  EXPECT_NE(one, two);
  ::operator delete(one);
  ::operator delete(two);
}

TEST_F(NewTest, ThrowsBadAllocWhichUnwindsOrdinaryFrames) {
  bool destroyed = false;
  struct Watch {
    bool& flag;
    ~Watch() { flag = true; }
  };
  EXPECT_THROW(
      {
        Watch watch{destroyed};
        static_cast<void>(::operator new(Opaque(kTooMuch)));
      },
      std::bad_alloc);
  EXPECT_TRUE(destroyed);
  EXPECT_THROW(static_cast<void>(::operator new[](Opaque(kTooMuch))),
               std::bad_alloc);
  EXPECT_THROW(static_cast<void>(::operator new(Opaque(kTooMuch), kAlignment)),
               std::bad_alloc);
  EXPECT_THROW(
      static_cast<void>(::operator new[](Opaque(kTooMuch), kAlignment)),
      std::bad_alloc);
}

TEST_F(NewTest, LibraryCodeThrowsToo) {
  EXPECT_THROW(std::vector<char>(Opaque(kTooMuch)), std::bad_alloc);
  EXPECT_THROW(std::string().reserve(Opaque(kTooMuch)), std::bad_alloc);
}

TEST_F(NewTest, NothrowYieldsNull) {
  EXPECT_EQ(::operator new(Opaque(kTooMuch), std::nothrow), nullptr);
  EXPECT_EQ(::operator new[](Opaque(kTooMuch), std::nothrow), nullptr);
  EXPECT_EQ(::operator new(Opaque(kTooMuch), kAlignment, std::nothrow),
            nullptr);
  EXPECT_EQ(::operator new[](Opaque(kTooMuch), kAlignment, std::nothrow),
            nullptr);
}

TEST_F(NewTest, CallsTheHandlerUntilThereIsNone) {
  std::set_new_handler(&GiveUpAtTheThirdCall);
  EXPECT_THROW(static_cast<void>(::operator new(Opaque(kTooMuch))),
               std::bad_alloc);
  EXPECT_EQ(handler_calls, 3);
  std::set_new_handler(&GiveUpAtTheThirdCall);
  handler_calls = 0;
  EXPECT_EQ(::operator new(Opaque(kTooMuch), std::nothrow), nullptr);
  EXPECT_EQ(handler_calls, 3);
}

TEST_F(NewTest, NothrowSwallowsWhatTheHandlerThrows) {
  std::set_new_handler(&ThrowRuntimeError);
  EXPECT_EQ(::operator new(Opaque(kTooMuch), std::nothrow), nullptr);
  EXPECT_EQ(::operator new[](Opaque(kTooMuch), kAlignment, std::nothrow),
            nullptr);
  EXPECT_EQ(handler_calls, 2);
  EXPECT_THROW(static_cast<void>(::operator new(Opaque(kTooMuch))),
               std::bad_alloc);
}

TEST_F(NewTest, TheHeapWorksAfterAThrow) {
  for (int i = 0; i < 100; ++i) {
    EXPECT_THROW(static_cast<void>(::operator new(Opaque(kTooMuch))),
                 std::bad_alloc);
    std::string text(1000, 'x');
    EXPECT_EQ(text.size(), 1000u);
  }
  std::thread([] { EXPECT_EQ(std::vector<int>(1000).size(), 1000u); }).join();
}

// Deleting through what the compiler chooses, sized where it does.
struct alignas(64) Wide {
  char bytes[100];
  virtual ~Wide() { memset(bytes, 0, sizeof(bytes)); }
};
struct Wider : Wide {
  char more[1000];
};

TEST_F(NewTest, ExpressionsPairTheirOperators) {
  for (int i = 0; i < 50; ++i) {
    Wide* wide = new Wider();
    delete wide;
    delete[] new Wider[3];
    delete new int(5);
    delete[] new std::string[7];
    delete new (std::nothrow) Wider();
  }
}

}  // namespace
