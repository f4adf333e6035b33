// Ends with a message where there is no memory, as dbgalloc_oom_sweep_test
// wants it: each of its allocations is made to fail.
#include <cstdio>
#include <new>
#include <string>
#include <vector>

int main() {
  try {
    std::vector<std::string> lines;
    for (int i = 0; i < 10; ++i) lines.push_back(std::string(100, 'x'));
    return lines.size() == 10 ? 0 : 1;
  } catch (const std::bad_alloc&) {
    std::fputs("out of memory\n", stderr);
    return 2;
  }
}
