// Programs without leaks: what they allocate can be reached from globals, from
// mapped memory, or through other blocks.
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "dbgalloc/c_api.h"
#include "testdata/leaks/scenario.h"

namespace leaks {
namespace {

// Volatile: nobody reads it, and it is written nevertheless.
void* volatile global;
void* global_table[1000];

char* MapPage() {
  return static_cast<char*>(mmap(nullptr, 65536, PROT_READ | PROT_WRITE,
                                 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
}

LEAK_SCENARIO(quiet_global) { global = Take(100); }

LEAK_SCENARIO(quiet_static_local) {
  static void* kept;
  kept = Take(100);
  Opaque(&kept);
}

LEAK_SCENARIO(quiet_global_made_read_only) {
  alignas(4096) static char page[4096];
  void* block = Take(100);
  memcpy(page + 128, &block, sizeof(block));
  mprotect(page, sizeof(page), PROT_READ);
}

LEAK_SCENARIO(quiet_library_global) {
  void* library = dlopen(library_path, RTLD_NOW);
  auto keep = reinterpret_cast<void (*)(void*)>(dlsym(library, "KeepGlobal"));
  keep(Take(100));
}

LEAK_SCENARIO(quiet_library_closed) {
  void* library = dlopen(library_path, RTLD_NOW);
  reinterpret_cast<void (*)(void*)>(dlsym(library, "FreeWhenClosed"))(Take(9));
  dlclose(library);
}

LEAK_SCENARIO(quiet_library_of_another_namespace) {
  void* library = dlmopen(LM_ID_NEWLM, library_path, RTLD_NOW);
  if (library == nullptr) return;  // the C library has none to spare
  global = library;
}

LEAK_SCENARIO(quiet_root_region) {
  char* page = MapPage();
  void* block = Take(100);
  memcpy(page + 4096, &block, sizeof(block));
  dbgalloc_register_root_region(page, 65536);
}

LEAK_SCENARIO(quiet_root_region_partly_inaccessible) {
  char* page = MapPage();
  void* block = Take(100);
  memcpy(page + 32768, &block, sizeof(block));
  mprotect(page, 8192, PROT_NONE);
  dbgalloc_register_root_region(page, 65536);
}

LEAK_SCENARIO(quiet_mapped_memory) {
  char* page = MapPage();
  void* block = Take(100);
  memcpy(page + 4096, &block, sizeof(block));
  global = page;
}

LEAK_SCENARIO(quiet_through_blocks_and_mappings) {
  char* page = MapPage();
  auto** outer = static_cast<void**>(Take(64));
  outer[3] = page + 100;
  void* block = Take(100);
  memcpy(page + 512, &block, sizeof(block));
  global = outer;
}

LEAK_SCENARIO(quiet_interior_pointer) {
  global = static_cast<char*>(Take(1000)) + 700;
}

LEAK_SCENARIO(quiet_pointer_behind_the_end) {
  global = static_cast<char*>(Take(48)) + 48;
}

LEAK_SCENARIO(quiet_tagged_pointer) {
  global = static_cast<char*>(Take(48)) + 1;
}

LEAK_SCENARIO(quiet_empty_block) { global = Take(0); }

LEAK_SCENARIO(quiet_large_block) { global = Take(5 << 20); }

LEAK_SCENARIO(quiet_held_by_large_block) {
  auto** large = static_cast<void**>(Take(5 << 20));
  large[300000] = Take(10);
  global = large;
}

LEAK_SCENARIO(quiet_aligned_blocks) {
  global_table[0] = Opaque(aligned_alloc(4096, 8192));
  posix_memalign(&global_table[1], 256, 77);
  global_table[2] = Opaque(aligned_alloc(1 << 20, 1 << 20));
}

LEAK_SCENARIO(quiet_realloc) {
  void* block = Take(10);
  for (size_t size = 20; size < 3 << 20; size *= 2) {
    block = Opaque(realloc(block, size));
  }
  global = block;
}

LEAK_SCENARIO(quiet_long_list) {
  auto** last = static_cast<void**>(Take(16));
  global = last;
  for (int i = 0; i < 200000; ++i) {
    *last = Take(16);
    last = static_cast<void**>(*last);
  }
}

LEAK_SCENARIO(quiet_inaccessible_block) {
  // The last page of a block that the program has protected cannot be read.
  char* block = static_cast<char*>(Opaque(aligned_alloc(4096, 16384)));
  memset(block, 0, 16384);
  void* held = Take(10);
  memcpy(block, &held, sizeof(held));
  mprotect(block + 8192, 4096, PROT_NONE);
  global = block;
}

LEAK_SCENARIO(quiet_sparse_block) {
  auto** sparse = static_cast<void**>(calloc(1, size_t{8} << 30));
  if (sparse == nullptr) return;
  sparse[(size_t{7} << 30) / sizeof(void*)] = Take(10);
  global = sparse;
}

LEAK_SCENARIO(quiet_environment) {
  setenv("LEAKS_TEST", "some text that is not short", 1);
  putenv(strcpy(static_cast<char*>(Take(40)), "LEAKS_MORE=x"));
}

LEAK_SCENARIO(quiet_open_file) { fprintf(fopen("/dev/null", "w"), "buffered"); }

LEAK_SCENARIO(quiet_forked_child) {
  global = Take(10);
  if (fork() == 0) {
    global_table[0] = Take(20);
    exit(0);
  }
}

LEAK_SCENARIO(quiet_freed_at_exit) {
  // Only the handler knows where the block is.
  static uintptr_t hidden = ~reinterpret_cast<uintptr_t>(Take(10));
  atexit([] { free(reinterpret_cast<void*>(~hidden)); });
}

LEAK_SCENARIO(quiet_freed_by_static_destructor) {
  struct Hidden {
    ~Hidden() { free(reinterpret_cast<void*>(~bits)); }
    uintptr_t bits = 0;
  };
  static Hidden hidden;
  hidden.bits = ~reinterpret_cast<uintptr_t>(Take(10));
}

}  // namespace
}  // namespace leaks
