// For programs that do not define it (alloc/os/weak_reference.h).
extern "C" void __dbgalloc_on_error() {}
