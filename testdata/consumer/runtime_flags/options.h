#error "this is the consumer's runtime_flags/options.h, not dbgalloc's"
