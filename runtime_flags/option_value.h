// One option: its value, and where that value came from. Trivially copyable,
// usable in constant-initialized globals, never allocates.
//
//   Options options;
//   options.redzone = 32;             // source becomes kCode
//   size_t guard = options.redzone;   // reads like a plain field
#ifndef DBGALLOC_RUNTIME_FLAGS_OPTION_VALUE_H_
#define DBGALLOC_RUNTIME_FLAGS_OPTION_VALUE_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace dbgalloc {

// Where a value came from. Later ones win over earlier ones, except that a
// file ranks with whatever included it.
enum class OptionSource : uint8_t {
  kDefault,         // built in
  kProgramDefault,  // __dbgalloc_default_options()
  kTarget,          // DBGALLOC_TARGET_OPTIONS
  kEnvironment,     // DBGALLOC_OPTIONS
  kFile,            // a file included by one of the above
  kCode,            // assigned by the program
};

// T is bool, an integer, or an enum; text has a specialization below.
template <typename T>
class OptionValue {
 public:
  constexpr OptionValue() = default;
  // Implicit, so that `Options{.redzone = 32}` works where the language has it.
  constexpr OptionValue(T value)  // NOLINT(google-explicit-constructor)
      : value_(value), source_(OptionSource::kCode) {}

  static constexpr OptionValue Default(T value) {
    OptionValue option;
    option.value_ = value;
    return option;
  }

  constexpr OptionValue& operator=(T value) {
    Set(value, OptionSource::kCode);
    return *this;
  }
  // A pointer, such as a string literal, would silently become `true`.
  template <typename Pointee>
  OptionValue& operator=(Pointee* pointer) = delete;

  constexpr void Set(T value, OptionSource source) {
    value_ = value;
    source_ = source;
  }

  constexpr operator T() const {  // NOLINT(google-explicit-constructor)
    return value_;
  }
  constexpr T value() const { return value_; }
  constexpr OptionSource source() const { return source_; }

 private:
  T value_ = T();
  OptionSource source_ = OptionSource::kDefault;
};

// Text, stored inside the option. Text that does not fit is never cut: Set()
// refuses it, and an assignment in code traps.
template <>
class OptionValue<std::string_view> {
 public:
  // Longest text, in bytes.
  static constexpr std::size_t kMaxLength = 511;

  constexpr OptionValue() = default;
  constexpr OptionValue(  // NOLINT(google-explicit-constructor)
      std::string_view value) {
    *this = value;
  }
  constexpr OptionValue(  // NOLINT(google-explicit-constructor)
      const char* value)
      : OptionValue(std::string_view(value)) {}

  // Of a literal: a freestanding program need not have strlen().
  template <std::size_t kSize>
  static constexpr OptionValue Default(const char (&literal)[kSize]) {
    OptionValue option;
    option.Set({literal, kSize - 1}, OptionSource::kDefault);
    return option;
  }

  constexpr OptionValue& operator=(std::string_view value) {
    if (!Set(value, OptionSource::kCode)) {
      __builtin_trap();
    }
    return *this;
  }
  constexpr OptionValue& operator=(const char* value) {
    return *this = std::string_view(value);
  }

  // False, changing nothing, when `value` is longer than kMaxLength.
  constexpr bool Set(std::string_view value, OptionSource source) {
    if (value.size() > kMaxLength) {
      return false;
    }
    for (std::size_t i = 0; i < value.size(); ++i) {
      text_[i] = value[i];
    }
    text_[value.size()] = '\0';
    length_ = static_cast<uint16_t>(value.size());
    source_ = source;
    return true;
  }

  constexpr operator std::string_view()  // NOLINT(google-explicit-constructor)
      const {
    return value();
  }
  // Valid as long as this option is neither changed nor destroyed.
  constexpr std::string_view value() const { return {text_, length_}; }
  constexpr const char* c_str() const { return text_; }
  constexpr bool empty() const { return length_ == 0; }
  constexpr OptionSource source() const { return source_; }

 private:
  char text_[kMaxLength + 1] = {};
  uint16_t length_ = 0;
  OptionSource source_ = OptionSource::kDefault;
};

}  // namespace dbgalloc

#endif  // DBGALLOC_RUNTIME_FLAGS_OPTION_VALUE_H_
