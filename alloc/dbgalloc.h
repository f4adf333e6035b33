// Every public header of dbgalloc at once.
#ifndef DBGALLOC_ALLOC_DBGALLOC_H_
#define DBGALLOC_ALLOC_DBGALLOC_H_

#include "dbgalloc/allocator.h"                // IWYU pragma: export
#include "dbgalloc/c_api.h"                    // IWYU pragma: export
#include "dbgalloc/call_site.h"                // IWYU pragma: export
#include "dbgalloc/debug_allocator.h"          // IWYU pragma: export
#include "dbgalloc/error_record.h"             // IWYU pragma: export
#include "dbgalloc/error_sink.h"               // IWYU pragma: export
#include "dbgalloc/failing_allocator.h"        // IWYU pragma: export
#include "dbgalloc/leak_check_disabler.h"      // IWYU pragma: export
#include "dbgalloc/leak_reporter.h"            // IWYU pragma: export
#include "dbgalloc/memory_resource.h"          // IWYU pragma: export
#include "dbgalloc/memory_tracker.h"           // IWYU pragma: export
#include "dbgalloc/options.h"                  // IWYU pragma: export
#include "dbgalloc/page_allocator.h"           // IWYU pragma: export
#include "dbgalloc/pool_allocator.h"           // IWYU pragma: export
#include "dbgalloc/pool_stl_allocator.h"       // IWYU pragma: export
#include "dbgalloc/process_memory.h"           // IWYU pragma: export
#include "dbgalloc/scoped_leak_check.h"        // IWYU pragma: export
#include "dbgalloc/static_buffer_allocator.h"  // IWYU pragma: export
#include "dbgalloc/stl_allocator.h"            // IWYU pragma: export
#include "dbgalloc/system_allocator.h"         // IWYU pragma: export
#include "dbgalloc/tracked_blocks.h"           // IWYU pragma: export

#endif  // DBGALLOC_ALLOC_DBGALLOC_H_
