// Programs without leaks: pointers as C++ makes them, and what programs say of
// their own blocks.
#include <deque>
#include <exception>
#include <functional>
#include <future>
#include <list>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "dbgalloc/leak_check_disabler.h"
#include "testdata/leaks/scenario.h"

extern "C" {
[[gnu::weak]] void __lsan_disable(void);
[[gnu::weak]] void __lsan_enable(void);
[[gnu::weak]] void __lsan_ignore_object(const void* object);
}  // extern "C"

namespace leaks {
namespace {

struct First {
  virtual ~First() = default;
  int number = 1;
};
struct Second {
  virtual ~Second() = default;
  int number = 2;
};
struct Both : First, Second {
  char bytes[40] = {};
};
struct Virtually : virtual First {
  char bytes[40] = {};
};
struct WithDestructor {
  ~WithDestructor() { free(block); }
  void* block = nullptr;
};

// Never destroyed: the exit check sees what they hold.
template <typename T>
T& Kept() {
  static T& kept = *Hide(new T());
  return kept;
}

LEAK_SCENARIO(quiet_second_base) { Kept<Second*>() = Hide(new Both()); }

LEAK_SCENARIO(quiet_virtual_base) { Kept<First*>() = Hide(new Virtually()); }

LEAK_SCENARIO(quiet_new_array) {
  Kept<WithDestructor*>() = Hide(new WithDestructor[10]);
}

LEAK_SCENARIO(quiet_new_empty_array) {
  // Behind the count of elements, at the very end of the block.
  volatile size_t none = 0;
  Kept<WithDestructor*>() = Hide(new WithDestructor[none]);
}

LEAK_SCENARIO(quiet_member_pointer) {
  struct Node {
    char before[100];
    Node* next;
  };
  Kept<Node**>() = &Hide(new Node())->next;
}

LEAK_SCENARIO(quiet_containers) {
  Kept<std::vector<std::string>>().assign(100, std::string(100, 'v'));
  Kept<std::list<std::string>>().assign(100, std::string(100, 'l'));
  Kept<std::deque<std::string>>().assign(1000, std::string(100, 'd'));
  for (int i = 0; i < 1000; ++i) {
    Kept<std::map<int, std::string>>()[i] = std::string(50, 'm');
    Kept<std::unordered_map<int, std::string>>()[i] = std::string(50, 'u');
  }
}

LEAK_SCENARIO(quiet_shared_pointer) {
  Kept<std::shared_ptr<Both>>() = std::make_shared<Both>();
  Kept<std::weak_ptr<Both>>() = std::make_shared<Both>();
  Kept<std::shared_ptr<First>>() = std::shared_ptr<First>(Hide(new Both()));
}

LEAK_SCENARIO(quiet_function_object) {
  std::string text(1000, 'f');
  Kept<std::function<size_t()>>() = [text] { return text.size(); };
}

LEAK_SCENARIO(quiet_exception_kept) {
  try {
    throw std::runtime_error(std::string(100, 'e'));
  } catch (...) {
    Kept<std::exception_ptr>() = std::current_exception();
  }
}

LEAK_SCENARIO(quiet_exit_while_handling) {
  try {
    throw std::runtime_error(std::string(100, 'e'));
  } catch (const std::exception&) {
    exit(0);
  }
}

LEAK_SCENARIO(quiet_future) {
  Kept<std::future<std::string>>() =
      std::async(std::launch::deferred, [] { return std::string(100, 'a'); });
}

LEAK_SCENARIO(quiet_detached_thread) {
  std::promise<void> started;
  std::thread([&started] {
    std::string text(1000, 't');
    started.set_value();
    for (;;) std::this_thread::sleep_for(std::chrono::hours(1));
  }).detach();
  started.get_future().wait();
}

LEAK_SCENARIO(quiet_ignored_object) {
  WithoutTrace([] {
    auto** outer = static_cast<void**>(Take(64));
    outer[1] = Take(10);
    dbgalloc_ignore_object(reinterpret_cast<char*>(outer) + 5);
  });
}

LEAK_SCENARIO(quiet_disabled) {
  WithoutTrace([] {
    dbgalloc::LeakCheckDisabler disabler;
    {
      dbgalloc::LeakCheckDisabler inner;
      Take(10);
    }
    void* block = Take(20);
    Opaque(realloc(block, 100000));
    Hide(new std::string(1000, 'd'));
  });
}

LEAK_SCENARIO(quiet_names_of_leak_sanitizer) {
  WithoutTrace([] {
    __lsan_disable();
    Take(10);
    __lsan_enable();
    __lsan_ignore_object(Take(20));
  });
}

}  // namespace
}  // namespace leaks
