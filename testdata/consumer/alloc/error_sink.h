#error "this is the consumer's alloc/error_sink.h, not dbgalloc's"
