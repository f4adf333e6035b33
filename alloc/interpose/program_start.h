// Knows when main begins, when the exit handlers begin and when the last
// destructor has run, by standing between the program's entry point and the C
// library's __libc_start_main.
//
//   _start -> our __libc_start_main -> the C library's
//               constructors
//               our main: phase kInMain, then the program's main
//               exit handlers: those of main, ours, those of constructors
//               our last function: destructors of libraries -> heap check
//
// How the call gets to us: start_main_linked.cc (the linker's --wrap) or
// start_main_preload.cc (the name itself). Both leave by tail calls, so that
// no frame of ours stands in every stack of the program.
#ifndef DBGALLOC_ALLOC_INTERPOSE_PROGRAM_START_H_
#define DBGALLOC_ALLOC_INTERPOSE_PROGRAM_START_H_

namespace dbgalloc::interpose {

using MainFunction = int (*)(int argc, char** argv, char** environment);
using PlainFunction = void (*)();
using StartMainFunction = int (*)(MainFunction main, int argc, char** argv,
                                  PlainFunction init, PlainFunction fini,
                                  PlainFunction loader_fini, void* stack_end);

// Ours, which calls the program's `main`.
MainFunction MainAround(MainFunction main);

// Ours, which calls the dynamic linker's `loader_fini` (null in a fully static
// program). It runs last of all, after the exit handlers.
PlainFunction LastFunctionAround(PlainFunction loader_fini);

}  // namespace dbgalloc::interpose

#endif  // DBGALLOC_ALLOC_INTERPOSE_PROGRAM_START_H_
