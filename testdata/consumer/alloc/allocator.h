#error "this is the consumer's alloc/allocator.h, not dbgalloc's"
