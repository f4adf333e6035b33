// Linked into the program: the linker option --wrap=__libc_start_main (BUILD)
// sends the program's call here. Works in fully static programs too, where no
// dynamic linker could find the C library's function.
#include "alloc/interpose/program_start.h"

using dbgalloc::interpose::LastFunctionAround;
using dbgalloc::interpose::MainAround;
using dbgalloc::interpose::MainFunction;
using dbgalloc::interpose::PlainFunction;

extern "C" int __real___libc_start_main(MainFunction main, int argc,
                                        char** argv, PlainFunction init,
                                        PlainFunction fini,
                                        PlainFunction loader_fini,
                                        void* stack_end);

extern "C" int __wrap___libc_start_main(MainFunction main, int argc,
                                        char** argv, PlainFunction init,
                                        PlainFunction fini,
                                        PlainFunction loader_fini,
                                        void* stack_end) {
  return __real___libc_start_main(MainAround(main), argc, argv, init, fini,
                                  LastFunctionAround(loader_fini), stack_end);
}
