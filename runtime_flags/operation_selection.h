// Which heap operations break_at and trace_alloc mean, and which stacks bisect
// does:
//
//   60,70-80,0x5eed0001     operation numbers, and hashes of stacks
//   0x00000000-0x7fffffff   a window of hashes
//
// What begins with 0x is a hash. Pure text and numbers; both are printed in
// reports.
#ifndef DBGALLOC_RUNTIME_FLAGS_OPERATION_SELECTION_H_
#define DBGALLOC_RUNTIME_FLAGS_OPERATION_SELECTION_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace dbgalloc::runtime_flags {

// Numbers and hashes, single ones and ranges, both ends included.
class OperationSelection {
 public:
  static constexpr size_t kMaxParts = 32;

  constexpr OperationSelection() = default;

  // Takes the place of what was selected. False: `text` is no selection, and
  // nothing is selected now. "" selects nothing.
  bool Parse(std::string_view text);

  bool empty() const { return count_ == 0; }
  bool has_hashes() const { return has_hashes_; }

  // Whether the operation, or the stack that it was done by, is selected. A
  // number or hash of 0 is unknown.
  bool Holds(uint64_t number, uint32_t hash) const;

 private:
  struct Part {
    uint64_t first = 0;
    uint64_t last = 0;
    bool is_hash = false;
  };

  bool AddPart(std::string_view text);

  Part parts_[kMaxParts] = {};
  size_t count_ = 0;
  bool has_hashes_ = false;
};

// LO-HI, both included; all hashes until something is parsed.
struct HashWindow {
  // False: `text` is no window, and this one stays as it was.
  bool Parse(std::string_view text);

  bool Holds(uint32_t hash) const { return hash >= first && hash <= last; }

  uint32_t first = 0;
  uint32_t last = UINT32_MAX;
};

}  // namespace dbgalloc::runtime_flags

#endif  // DBGALLOC_RUNTIME_FLAGS_OPERATION_SELECTION_H_
