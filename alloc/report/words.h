// The words of reports: functions as the user calls them, counts with their
// units, places in a block. One wording, so that every report says the same
// thing the same way.
#ifndef DBGALLOC_ALLOC_REPORT_WORDS_H_
#define DBGALLOC_ALLOC_REPORT_WORDS_H_

#include <cstdint>
#include <string_view>

#include "alloc/base/text_writer.h"
#include "dbgalloc/error_record.h"

namespace dbgalloc::report {

// The function that an operation of this family goes through: "free",
// "operator delete[]", "realloc", "Deallocate".
std::string_view FunctionName(Operation operation, Origin origin);

// The function that made blocks of this family: "malloc", "operator new[]".
std::string_view AllocationName(Origin origin);

// "small", "medium"; nothing for blocks of no pool.
std::string_view TierName(BlockTier tier);

// "1 byte", "16 bytes".
void WriteCount(base::TextWriter& out, uint64_t count, std::string_view one,
                std::string_view many);

// "96 bytes in 3 blocks".
void WriteBytesInBlocks(base::TextWriter& out, uint64_t bytes, uint64_t blocks);

// "offset 8 in a 16-byte block at 0x10", "4 bytes before the start (offset
// -4) of a 16-byte block at 0x10", and so on.
void WritePlace(base::TextWriter& out, uintptr_t address,
                const BlockDescription& block);

// " 12 heap operations earlier"; " about 12 ..." across threads, which take
// their numbers in batches; nothing when either number is not known.
void WriteAge(base::TextWriter& out, const HeapEvent& now,
              const HeapEvent& event);

// How many operations earlier; 0: not known.
uint64_t AgeOf(const HeapEvent& now, const HeapEvent& event);
bool IsExactAge(const HeapEvent& now, const HeapEvent& event);

// "about 120 ms ago", "less than 5 ms ago", "100 to 900 ms ago"; nothing when
// it is not known.
void WriteTimeAgo(base::TextWriter& out, const HeapEvent& event);

// Text that others chose, such as names: control characters become '?'.
void WriteForeign(base::TextWriter& out, std::string_view text);

// The same, with "..." in the place of the middle when it is longer than a
// reader cares for, as names of templates are.
void WriteLongName(base::TextWriter& out, std::string_view text);

}  // namespace dbgalloc::report

#endif  // DBGALLOC_ALLOC_REPORT_WORDS_H_
