#error "this is the consumer's runtime_flags/option_parser.h, not dbgalloc's"
