// The rows of flags.inc as data: what a name means, what its values may be, and
// how a value gets into and out of an Options.
#ifndef DBGALLOC_RUNTIME_FLAGS_FLAG_TABLE_H_
#define DBGALLOC_RUNTIME_FLAGS_FLAG_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "alloc/base/text_writer.h"
#include "dbgalloc/options.h"

namespace dbgalloc::runtime_flags {

enum class FlagType : uint8_t {
  kBool,
  kSigned,
  kByte,
  kHex,
  kSize,
  kFraction,
  kText,
  kSelection,
  kWindow,
  kWord
};

// What a value of the flag may be, beyond its type.
struct FlagLimits {
  int64_t minimum = 0;     // kSigned, kByte, kSize
  uint64_t maximum = 0;    // kSigned, kByte, kSize
  std::string_view words;  // kWord: "auto|fp|dwarf"
};

struct FlagInfo {
  std::string_view name;
  std::string_view section;
  std::string_view help;
  FlagType type = FlagType::kBool;
  FlagLimits limits;
  // False, changing nothing, when `text` is no value of this flag.
  bool (*set)(const FlagInfo& flag, std::string_view text, OptionSource source,
              Options* options) = nullptr;
  // The value as an option string spells it.
  void (*write)(const FlagInfo& flag, const Options& options,
                base::TextWriter& out) = nullptr;
  OptionSource (*source)(const Options& options) = nullptr;
};

inline constexpr size_t kFlagCount = 0
#define DBG_FLAG(type, name, default_value, help) +1
#include "dbgalloc/flags.inc"
    ;

// Every flag, in the order of the table.
std::span<const FlagInfo, kFlagCount> Flags();

// Null when there is no such flag.
const FlagInfo* FindFlag(std::string_view name);

// Position in Flags().
size_t FlagIndex(const FlagInfo& flag);

// "bool", "integer", "size", ...: a word for help and docs.
std::string_view TypeName(FlagType type);

// "a whole number from 0 to 256": completes "expected ...".
void WriteExpected(const FlagInfo& flag, base::TextWriter& out);

// The known name that looks most like `name`, for "did you mean".
struct NearestName {
  std::string_view name;
  bool close = false;  // likely what was meant
};
NearestName NearestFlagName(std::string_view name);

// The same among the words of a kWord or kBool flag; "" when none is close.
std::string_view NearestWord(const FlagInfo& flag, std::string_view word);

}  // namespace dbgalloc::runtime_flags

#endif  // DBGALLOC_RUNTIME_FLAGS_FLAG_TABLE_H_
