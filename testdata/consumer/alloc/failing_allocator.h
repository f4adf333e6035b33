#error "this is the consumer's alloc/failing_allocator.h, not dbgalloc's"
