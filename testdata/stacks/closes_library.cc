// closes_library LIBRARY: frees a block of the library twice, after closing it.
#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>

int main(int argc, char** argv) {
  void* library = argc < 2 ? nullptr : dlopen(argv[1], RTLD_NOW);
  if (library == nullptr) {
    fprintf(stderr, "%s\n", dlerror());
    return 2;
  }
  auto get_block = reinterpret_cast<void* (*)()>(dlsym(library, "PluginBlock"));
  void* block = get_block();
  dlclose(library);
  free(block);
  asm volatile("" : "+r"(block));
  free(block);
  return 0;
}
