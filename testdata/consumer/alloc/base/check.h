#error "this is the consumer's alloc/base/check.h, not dbgalloc's"
