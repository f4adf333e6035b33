#error "this is the consumer's alloc/debug_allocator.h, not dbgalloc's"
