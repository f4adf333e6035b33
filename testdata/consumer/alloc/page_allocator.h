#error "this is the consumer's alloc/page_allocator.h, not dbgalloc's"
