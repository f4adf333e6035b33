#include "runtime_flags/flag_table.h"

#include <array>
#include <optional>
#include <type_traits>

#include "runtime_flags/nearest_name.h"
#include "runtime_flags/number_text.h"
#include "runtime_flags/operation_selection.h"
#include "runtime_flags/value_text.h"

namespace dbgalloc::runtime_flags {
namespace {

constexpr std::string_view kBoolWords = "0|1|true|false|yes|no|on|off";

bool InRange(int64_t value, const FlagLimits& limits) {
  return value >= limits.minimum &&
         (value < 0 || static_cast<uint64_t>(value) <= limits.maximum);
}

bool InRange(uint64_t value, const FlagLimits& limits) {
  return value >= static_cast<uint64_t>(limits.minimum) &&
         value <= limits.maximum;
}

// Text that says nothing switches off what it could say.
bool IsText(const FlagInfo& flag, std::string_view text) {
  if (text.empty()) return true;
  OperationSelection selection;
  HashWindow window;
  if (flag.type == FlagType::kSelection) return selection.Parse(text);
  return flag.type != FlagType::kWindow || window.Parse(text);
}

// The value `text` spells as a T; nullopt when it spells none.
template <typename T>
std::optional<T> ReadValue(const FlagInfo& flag, std::string_view text) {
  if constexpr (std::is_same_v<T, bool>) {
    return ParseBool(text);
  } else if constexpr (std::is_enum_v<T>) {
    const std::optional<size_t> word = ParseWord(text, flag.limits.words);
    return word ? std::optional<T>(static_cast<T>(*word)) : std::nullopt;
  } else if constexpr (std::is_same_v<T, std::string_view>) {
    return IsText(flag, text) ? std::optional<T>(text) : std::nullopt;
  } else if constexpr (std::is_same_v<T, double>) {
    return ParseFraction(text);
  } else if constexpr (std::is_same_v<T, int64_t>) {
    const std::optional<int64_t> number = ParseSigned(text);
    if (!number || !InRange(*number, flag.limits)) return std::nullopt;
    return *number;
  } else {
    const std::optional<uint64_t> number =
        flag.type == FlagType::kSize ? ParseSize(text) : ParseUnsigned(text);
    if (!number || !InRange(*number, flag.limits)) return std::nullopt;
    return static_cast<T>(*number);
  }
}

std::string_view WordAt(std::string_view words, size_t position) {
  std::string_view word;
  for (size_t i = 0; i <= position; ++i) word = TakeWord(&words);
  return word;
}

template <typename T>
void WriteValue(const FlagInfo& flag, T value, base::TextWriter& out) {
  if constexpr (std::is_same_v<T, bool>) {
    WriteBool(value, out);
  } else if constexpr (std::is_enum_v<T>) {
    out.Text(WordAt(flag.limits.words, static_cast<size_t>(value)));
  } else if constexpr (std::is_same_v<T, int64_t>) {
    if (flag.type == FlagType::kByte && value >= 0) {
      out.Hex(static_cast<uint64_t>(value));
    } else {
      out.SignedDec(value);
    }
  } else if constexpr (std::is_same_v<T, double>) {
    WriteFraction(value, out);
  } else if constexpr (std::is_same_v<T, std::string_view>) {
    WriteText(value, out);
  } else if (flag.type == FlagType::kSize) {
    WriteSize(value, out);
  } else {
    out.Hex(value);
  }
}

// The three functions of a row, for the field that the row names.
template <auto kField>
struct FieldAccess {
  using Value = decltype((Options().*kField).value());

  static bool Set(const FlagInfo& flag, std::string_view text,
                  OptionSource source, Options* options) {
    const std::optional<Value> value = ReadValue<Value>(flag, text);
    if (!value) return false;
    if constexpr (std::is_same_v<Value, std::string_view>) {
      return (options->*kField).Set(*value, source);
    } else {
      (options->*kField).Set(*value, source);
      return true;
    }
  }
  static void Write(const FlagInfo& flag, const Options& options,
                    base::TextWriter& out) {
    WriteValue<Value>(flag, (options.*kField).value(), out);
  }
  static OptionSource Source(const Options& options) {
    return (options.*kField).source();
  }
};

// size and uint64 may be one C++ type, int64 and byte are, and so are the kinds
// of text: the row's own word tells them apart.
template <typename T>
constexpr FlagType TypeOf(std::string_view word) {
  if constexpr (std::is_same_v<T, bool>) {
    return FlagType::kBool;
  } else if constexpr (std::is_same_v<T, int64_t>) {
    return word == "byte" ? FlagType::kByte : FlagType::kSigned;
  } else if constexpr (std::is_same_v<T, double>) {
    return FlagType::kFraction;
  } else if constexpr (std::is_enum_v<T>) {
    return FlagType::kWord;
  } else if constexpr (std::is_same_v<T, std::string_view>) {
    return word == "selection" ? FlagType::kSelection
           : word == "window"  ? FlagType::kWindow
                               : FlagType::kText;
  } else {
    return word == "size" ? FlagType::kSize : FlagType::kHex;
  }
}

template <auto kField>
constexpr FlagInfo Row(std::string_view type, std::string_view name,
                       std::string_view section, std::string_view help,
                       FlagLimits limits) {
  using Access = FieldAccess<kField>;
  FlagInfo row;
  row.name = name;
  row.section = section;
  row.help = help;
  row.type = TypeOf<typename Access::Value>(type);
  row.limits = limits;
  row.set = &Access::Set;
  row.write = &Access::Write;
  row.source = &Access::Source;
  return row;
}

constexpr FlagLimits WholeRange(std::string_view type) {
  if (type == "int64") return {INT64_MIN, INT64_MAX, {}};
  return {0, type == "size" ? uint64_t{SIZE_MAX} : UINT64_MAX, {}};
}

constexpr std::array<FlagInfo, kFlagCount> BuildTable() {
  std::array<FlagInfo, kFlagCount> table;
  size_t count = 0;
  std::string_view section;
#define DBG_FLAG_SECTION(title) section = title;
#define DBG_FLAG(type, name, default_value, help) \
  table[count++] =                                \
      Row<&Options::name>(#type, #name, section, help, WholeRange(#type));
#define DBG_RANGE_FLAG(type, name, default_value, minimum, maximum, help) \
  table[count++] = Row<&Options::name>(#type, #name, section, help,       \
                                       FlagLimits{minimum, maximum, {}});
#define DBG_ENUM_FLAG(type, name, default_value, words, help)       \
  table[count++] = Row<&Options::name>(#type, #name, section, help, \
                                       FlagLimits{0, 0, words});
#include "dbgalloc/flags.inc"
  return table;
}

constinit const std::array<FlagInfo, kFlagCount> kTable = BuildTable();

void WriteWords(std::string_view words, base::TextWriter& out) {
  std::string_view word = TakeWord(&words);
  out.Text(word);
  while (!words.empty()) {
    word = TakeWord(&words);
    out.Text(words.empty() ? " or " : ", ").Text(word);
  }
}

void WriteExpectedNumber(const FlagLimits& limits, base::TextWriter& out) {
  out.Text("a whole number from ").SignedDec(limits.minimum);
  if (limits.maximum < uint64_t{INT64_MAX}) {
    out.Text(" to ").Dec(limits.maximum);
  } else {
    out.Text(" up");
  }
}

void WriteExpectedSize(const FlagLimits& limits, base::TextWriter& out) {
  out.Text("a number of bytes");
  if (limits.minimum != 0 || limits.maximum != uint64_t{SIZE_MAX}) {
    out.Text(" from ");
    WriteSize(static_cast<uint64_t>(limits.minimum), out);
    out.Text(" to ");
    WriteSize(limits.maximum, out);
  }
  out.Text(", such as 4096, 0x1000 or 4k (suffixes k m g t)");
}

}  // namespace

std::span<const FlagInfo, kFlagCount> Flags() { return kTable; }

const FlagInfo* FindFlag(std::string_view name) {
  for (const FlagInfo& flag : kTable) {
    if (flag.name == name) return &flag;
  }
  return nullptr;
}

size_t FlagIndex(const FlagInfo& flag) {
  return static_cast<size_t>(&flag - kTable.data());
}

std::string_view TypeName(FlagType type) {
  switch (type) {
    case FlagType::kBool:
      return "bool";
    case FlagType::kSigned:
      return "integer";
    case FlagType::kByte:
      return "byte or -1";
    case FlagType::kHex:
      return "64-bit value";
    case FlagType::kSize:
      return "size";
    case FlagType::kFraction:
      return "fraction";
    case FlagType::kText:
      return "text";
    case FlagType::kSelection:
      return "numbers and hashes";
    case FlagType::kWindow:
      return "window of hashes";
    case FlagType::kWord:
      return "choice";
  }
  return "";
}

void WriteExpected(const FlagInfo& flag, base::TextWriter& out) {
  switch (flag.type) {
    case FlagType::kBool:
      return WriteWords(kBoolWords, out);
    case FlagType::kSigned:
      return WriteExpectedNumber(flag.limits, out);
    case FlagType::kByte:
      out.Text("a byte, 0 to 255 or 0x00 to 0xff, or -1 for none");
      return;
    case FlagType::kHex:
      out.Text("a number of 64 bits, decimal or with 0x");
      return;
    case FlagType::kSize:
      return WriteExpectedSize(flag.limits, out);
    case FlagType::kFraction:
      out.Text("a number from 0 to 1, such as 0.01");
      return;
    case FlagType::kText:
      out.Text("text of at most ")
          .Dec(OptionValue<std::string_view>::kMaxLength)
          .Text(" bytes");
      return;
    case FlagType::kSelection:
      out.Text("up to ").Dec(OperationSelection::kMaxParts);
      out.Text(
          " operation numbers or hashes of stacks, such as "
          "60,70-80,0x5eed0001");
      return;
    case FlagType::kWindow:
      out.Text("two hashes of stacks, such as 0x00000000-0x7fffffff");
      return;
    case FlagType::kWord:
      return WriteWords(flag.limits.words, out);
  }
}

NearestName NearestFlagName(std::string_view name) {
  NearestSearch search(name);
  for (const FlagInfo& flag : kTable) search.Consider(flag.name);
  return {search.nearest(), search.close()};
}

std::string_view NearestWord(const FlagInfo& flag, std::string_view word) {
  std::string_view words =
      flag.type == FlagType::kBool ? kBoolWords : flag.limits.words;
  NearestSearch search(word);
  while (!words.empty()) search.Consider(TakeWord(&words));
  return search.close() ? search.nearest() : std::string_view();
}

}  // namespace dbgalloc::runtime_flags
