#error "this is the consumer's alloc/error_record.h, not dbgalloc's"
