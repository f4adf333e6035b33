#ifdef __x86_64__
#endif
