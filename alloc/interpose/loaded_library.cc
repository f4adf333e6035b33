// A library that dl_test loads and unloads: allocates when it is loaded, when
// it is asked to, and when it is unloaded.
#include <stdlib.h>
#include <string.h>

#include <string>
#include <vector>

namespace {
std::vector<std::string> texts(100, std::string(200, 'l'));
}  // namespace

extern "C" void* AllocateInLibrary(size_t size) {
  texts.emplace_back(size, 'm');
  return memset(malloc(size), 'n', size);
}
