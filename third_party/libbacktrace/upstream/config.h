/* What libbacktrace's configure would find out, for ELF or PE and a GCC or
   Clang with atomics; and the names of this copy.  Every one that the linker
   sees begins with dbgalloc_, so that this copy meets no other in the same
   program.  */

#ifndef DBGALLOC_LIBBACKTRACE_CONFIG_H
#define DBGALLOC_LIBBACKTRACE_CONFIG_H

#define _GNU_SOURCE 1

#if __SIZEOF_POINTER__ == 8
#define BACKTRACE_ELF_SIZE 64
#else
#define BACKTRACE_ELF_SIZE 32
#endif

#define HAVE_ATOMIC_FUNCTIONS 1
#define HAVE_SYNC_FUNCTIONS 1
#define HAVE_DECL_STRNLEN 1
#define HAVE_STDINT_H 1
#ifndef _WIN32
#define HAVE_DECL_GETPAGESIZE 1
#define HAVE_DL_ITERATE_PHDR 1
#define HAVE_FCNTL 1
#define HAVE_LINK_H 1
#define HAVE_LSTAT 1
#define HAVE_READLINK 1
#endif

#define backtrace_alloc dbgalloc_backtrace_alloc
#define backtrace_close dbgalloc_backtrace_close
#define backtrace_create_state dbgalloc_backtrace_create_state
#define backtrace_dwarf_add dbgalloc_backtrace_dwarf_add
#define backtrace_free dbgalloc_backtrace_free
#define backtrace_full dbgalloc_backtrace_full
#define backtrace_get_view dbgalloc_backtrace_get_view
#define backtrace_initialize dbgalloc_backtrace_initialize
#define backtrace_open dbgalloc_backtrace_open
#define backtrace_pcinfo dbgalloc_backtrace_pcinfo
#define backtrace_print dbgalloc_backtrace_print
#define backtrace_qsort dbgalloc_backtrace_qsort
#define backtrace_release_view dbgalloc_backtrace_release_view
#define backtrace_simple dbgalloc_backtrace_simple
#define backtrace_syminfo dbgalloc_backtrace_syminfo
#define backtrace_syminfo_to_full_callback \
  dbgalloc_backtrace_syminfo_to_full_callback
#define backtrace_syminfo_to_full_error_callback \
  dbgalloc_backtrace_syminfo_to_full_error_callback
#define backtrace_uncompress_lzma dbgalloc_backtrace_uncompress_lzma
#define backtrace_uncompress_zdebug dbgalloc_backtrace_uncompress_zdebug
#define backtrace_vector_finish dbgalloc_backtrace_vector_finish
#define backtrace_vector_grow dbgalloc_backtrace_vector_grow
#define backtrace_vector_release dbgalloc_backtrace_vector_release

#endif
