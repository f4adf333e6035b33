// What is known about an address, in the shape of a report: for
// dbgalloc_describe_address.
#ifndef DBGALLOC_ALLOC_REPORT_FORMAT_ADDRESS_H_
#define DBGALLOC_ALLOC_REPORT_FORMAT_ADDRESS_H_

#include <cstdint>

#include "alloc/base/text_writer.h"
#include "alloc/report/surroundings.h"
#include "alloc/report/text_stack.h"
#include "dbgalloc/error_record.h"

namespace dbgalloc::report {

struct AddressFinding {
  uintptr_t address = 0;
  bool in_heap = false;
  // Where in_heap: the block at, around or nearest to the address.
  BlockDescription block;
};

void FormatTextAddress(const AddressFinding& finding,
                       const Surroundings& surroundings, TextScratch& scratch,
                       base::TextWriter& out);

}  // namespace dbgalloc::report

#endif  // DBGALLOC_ALLOC_REPORT_FORMAT_ADDRESS_H_
