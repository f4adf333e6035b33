// Which of several names looks most like the one somebody typed.
#ifndef DBGALLOC_RUNTIME_FLAGS_NEAREST_NAME_H_
#define DBGALLOC_RUNTIME_FLAGS_NEAREST_NAME_H_

#include <cstddef>
#include <string_view>

namespace dbgalloc::runtime_flags {

// How many insertions, deletions, replacements and swaps of neighbours turn one
// name into the other; case and '-' for '_' are free. Names are compared in
// their first 64 bytes; a longer rest counts by its length.
size_t EditDistance(std::string_view a, std::string_view b);

// Consider() each candidate, then ask. Ties go to the earlier one.
class NearestSearch {
 public:
  explicit NearestSearch(std::string_view wanted) : wanted_(wanted) {}

  void Consider(std::string_view candidate);

  // Empty when nothing was considered.
  std::string_view nearest() const { return nearest_; }
  // Whether the nearest is likely what was meant: a third of its letters may
  // differ, or one of the two names contains the other.
  bool close() const;

 private:
  size_t Cost(std::string_view candidate) const;

  std::string_view wanted_;
  std::string_view nearest_;
  size_t cost_ = static_cast<size_t>(-1);
};

}  // namespace dbgalloc::runtime_flags

#endif  // DBGALLOC_RUNTIME_FLAGS_NEAREST_NAME_H_
