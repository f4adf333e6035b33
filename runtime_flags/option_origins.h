// Where each value came from, down to file and line: what show_options prints.
#ifndef DBGALLOC_RUNTIME_FLAGS_OPTION_ORIGINS_H_
#define DBGALLOC_RUNTIME_FLAGS_OPTION_ORIGINS_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "runtime_flags/flag_table.h"
#include "runtime_flags/option_mistake.h"

namespace dbgalloc::runtime_flags {

// Remembers the last place that set each flag. Views of file names must outlive
// this object.
class OptionOrigins {
 public:
  void Note(const FlagInfo& flag, const OptionPlace& place) {
    places_[FlagIndex(flag)] = place;
  }

  // The built-in default where nothing was noted.
  const OptionPlace& Of(const FlagInfo& flag) const {
    return places_[FlagIndex(flag)];
  }

 private:
  OptionPlace places_[kFlagCount];
};

}  // namespace dbgalloc::runtime_flags

#endif  // DBGALLOC_RUNTIME_FLAGS_OPTION_ORIGINS_H_
