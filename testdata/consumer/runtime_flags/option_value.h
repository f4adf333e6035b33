#error "this is the consumer's runtime_flags/option_value.h, not dbgalloc's"
