// Preloaded: ours is found first, whichever version of the symbol the program
// asks for; the C library's is next, the same code under all its versions.
#include <dlfcn.h>

#include "alloc/interpose/note.h"
#include "alloc/interpose/program_start.h"
#include "alloc/os/raw_io.h"

using dbgalloc::interpose::LastFunctionAround;
using dbgalloc::interpose::MainAround;
using dbgalloc::interpose::MainFunction;
using dbgalloc::interpose::PlainFunction;
using dbgalloc::interpose::StartMainFunction;

extern "C" [[gnu::visibility("default")]] int __libc_start_main(
    MainFunction main, int argc, char** argv, PlainFunction init,
    PlainFunction fini, PlainFunction loader_fini, void* stack_end) {
  auto start_main = reinterpret_cast<StartMainFunction>(
      dlsym(RTLD_NEXT, "__libc_start_main"));
  if (start_main == nullptr) {
    dbgalloc::interpose::WriteNote("the C library has no __libc_start_main");
    dbgalloc::os::AbortNow();
  }
  return start_main(MainAround(main), argc, argv, init, fini,
                    LastFunctionAround(loader_fini), stack_end);
}
