// For programs that do not define it (alloc/os/weak_reference.h).
extern "C" const char* __lsan_default_suppressions() { return ""; }
