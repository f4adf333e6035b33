#include <sys/mman.h>
#ifdef __linux__
#endif
#if defined(__x86_64__)
#endif
#include <elf.h>
