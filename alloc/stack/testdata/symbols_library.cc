// A library whose debug information is kept in one of several ways.

#include <cstdint>

namespace dbgalloc_test {

struct CallSite {
  std::uintptr_t return_address;
  int line;
};

template <typename T>
struct Caller {
  [[gnu::noinline]] static CallSite Call(std::uintptr_t (*callee)()) {
    CallSite site;
    site.line = __LINE__ + 1;
    site.return_address = callee();
    return site;
  }
};

}  // namespace dbgalloc_test

extern "C" void DbgallocTestCallSite(std::uintptr_t (*callee)(),
                                     std::uintptr_t* return_address,
                                     int* line) {
  const dbgalloc_test::CallSite site = dbgalloc_test::Caller<int>::Call(callee);
  *return_address = site.return_address;
  *line = site.line;
}
