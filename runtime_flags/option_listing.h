// What help=1 and show_options=1 print.
#ifndef DBGALLOC_RUNTIME_FLAGS_OPTION_LISTING_H_
#define DBGALLOC_RUNTIME_FLAGS_OPTION_LISTING_H_

#include "alloc/base/text_writer.h"
#include "dbgalloc/options.h"
#include "runtime_flags/option_origins.h"

namespace dbgalloc::runtime_flags {

// Every flag with its type, default, value in `options`, and help.
void WriteHelp(const Options& options, base::TextWriter& out);

// Every value with the place it came from, one a line.
void WriteOrigins(const Options& options, const OptionOrigins& origins,
                  base::TextWriter& out);

}  // namespace dbgalloc::runtime_flags

#endif  // DBGALLOC_RUNTIME_FLAGS_OPTION_LISTING_H_
