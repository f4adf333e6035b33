#include <sys/mman.h>
#ifdef __linux__
#endif
