// What bytes look like to a person: text, a number, an address, a fill.
#ifndef DBGALLOC_ALLOC_REPORT_LOOKS_H_
#define DBGALLOC_ALLOC_REPORT_LOOKS_H_

#include <cstddef>
#include <cstdint>

#include "alloc/base/text_writer.h"
#include "alloc/report/surroundings.h"
#include "dbgalloc/error_record.h"

namespace dbgalloc::report {

enum class LookKind : uint8_t {
  kFreshFill,
  kFreedFill,
  kCanary,
  kZeros,
  kText,
  kBlockAddress,
  kNamedAddress,
  kIntegers,
  kFloats,
};

// One way to read them.
struct Look {
  LookKind kind = LookKind::kZeros;
  size_t offset = 0;   // of the text, or of the first element
  size_t size = 0;     // of the text
  size_t width = 0;    // kIntegers, kFloats: bytes of an element
  uint64_t value = 0;  // an address
};

inline constexpr size_t kMaxLooks = 4;

// The bytes that an error is about: those that were written where they should
// not have been, or the pointer itself when it points nowhere.
struct OddBytes {
  const uint8_t* bytes = nullptr;
  size_t size = 0;
  uintptr_t address = 0;
  bool are_pointer = false;
  uint8_t room[sizeof(uint64_t)] = {};
};

// Fills *odd; false: the error is about no bytes. `*odd` must stay in place.
bool FindOddBytes(const ErrorRecord& record, OddBytes* odd);

// All readings that seem likely, the most telling first. Returns how many.
size_t FindLooks(const OddBytes& odd, const ErrorRecord& record,
                 const Surroundings& surroundings, Look (&looks)[kMaxLooks]);

// `text "late"`, `the number 42 (4 bytes)`, `the address 0x..., ...`.
void WriteLook(base::TextWriter& out, const Look& look, const OddBytes& odd,
               const ErrorRecord& record, const Surroundings& surroundings);

}  // namespace dbgalloc::report

#endif  // DBGALLOC_ALLOC_REPORT_LOOKS_H_
