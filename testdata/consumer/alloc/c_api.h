#error "this is the consumer's alloc/c_api.h, not dbgalloc's"
