// Numbers read from, and recognised in, bytes of unknown origin; written
// without the C library.
#ifndef DBGALLOC_ALLOC_REPORT_NUMBERS_IN_BYTES_H_
#define DBGALLOC_ALLOC_REPORT_NUMBERS_IN_BYTES_H_

#include <cstddef>
#include <cstdint>

#include "alloc/base/text_writer.h"

namespace dbgalloc::report {

// `width` bytes, at most 8, the lowest first.
uint64_t IntegerAt(const uint8_t* bytes, size_t width);
int64_t SignedIntegerAt(const uint8_t* bytes, size_t width);
// `width` is 4 or 8.
double FloatAt(const uint8_t* bytes, size_t width);

// The width of the elements when the bytes look like one or several integers of
// a size that people use; 0: they do not.
size_t WidthOfIntegers(const uint8_t* bytes, size_t size);
// The same for floating point.
size_t WidthOfFloats(const uint8_t* bytes, size_t size);

// "-12.5": at most six digits behind the point, none that are zero at the end.
void WriteDecimal(base::TextWriter& out, double value);

}  // namespace dbgalloc::report

#endif  // DBGALLOC_ALLOC_REPORT_NUMBERS_IN_BYTES_H_
