// Every setting of dbgalloc, as a struct with a field for each flag of
// flags.inc (docs/flags.md explains them).
//
//   Options options;                    // the built-in defaults
//   options.stack_trace_frames = 8;     // set in code
//   DebugAllocator allocator(options);  // = Options::ForInstance(options)
//
// DBGALLOC_OPTIONS is laid over the fields that code left alone, so the checks
// of a finished program can be toggled from outside.
#ifndef DBGALLOC_RUNTIME_FLAGS_OPTIONS_H_
#define DBGALLOC_RUNTIME_FLAGS_OPTIONS_H_

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include "dbgalloc/option_value.h"

namespace dbgalloc {

inline constexpr std::size_t kKibibyte = std::size_t{1} << 10;
inline constexpr std::size_t kMebibyte = std::size_t{1} << 20;
inline constexpr std::size_t kGibibyte = std::size_t{1} << 30;

// A 32-bit process has no terabyte of addresses to withhold.
inline constexpr std::size_t kDefaultAddressBudget =
    sizeof(void*) == 4 ? 256 * kMebibyte : 1024 * kGibibyte;

// The choices. Enumerators stand in the order of the words in flags.inc.
enum class AllocatorChoice : uint8_t { kDebug, kPool, kSystem };
enum class HugePages : uint8_t { kNone, kTransparent, kExplicit };
enum class LeakCheckChoice : uint8_t { kLost, kAll };
enum class LeakStopChoice : uint8_t { kAuto, kSignal, kPtrace };
enum class GuardChoice : uint8_t { kNone, kSampled, kAll };
enum class GuardAlignChoice : uint8_t { kRight, kLeft, kRandom, kExact };
enum class UnwindMethod : uint8_t { kAuto, kFramePointers, kDwarf };
enum class LogSinkChoice : uint8_t { kAuto, kStderr, kGlog, kFile };
enum class ReportFormatChoice : uint8_t { kText, kJson, kSarif };
enum class ProtectMetadataChoice : uint8_t { kOff, kPkeys, kMprotect, kAuto };
enum class ColorChoice : uint8_t { kAuto, kAlways, kNever };
enum class FailMode : uint8_t { kFrom, kOnce };
enum class FailScope : uint8_t { kProgram, kAll };

// Threads: a plain value; distinct objects are independent.
struct Options {
 private:
  // The type names of flags.inc; `size` counts bytes.
  using int64 = int64_t;
  using byte = int64_t;
  using uint64 = uint64_t;
  using size = std::size_t;
  using string = std::string_view;
  using selection = std::string_view;  // operation_selection.h
  using window = std::string_view;
  using fraction = double;

 public:
#define DBG_FLAG(type, name, default_value, help) \
  OptionValue<type> name = OptionValue<type>::Default(default_value);
#include "dbgalloc/flags.inc"

  // What the program's defaults and the environment say, read once in the life
  // of the process, without allocating. A mistake in them ends the process with
  // status 2 (see strict_options). Safe to call from any thread, at any time;
  // a call from inside the very first one yields the built-in defaults.
  // Defined in //runtime_flags:environment.
  static const Options& FromEnvironment();

  // Merged(FromEnvironment(), code): what an allocator given `code` obeys.
  // Defined in //runtime_flags:environment.
  static Options ForInstance(const Options& code);

  // `outside` with the fields laid over it that `code` has set in code. With
  // override=1 outside, a field that a variable or a file set stays as it is.
  static constexpr Options Merged(const Options& outside, const Options& code);

  // thread_safe=0 implies check_threads=1.
  constexpr bool ChecksThreads() const { return check_threads || !thread_safe; }
};

constexpr Options Options::Merged(const Options& outside, const Options& code) {
  Options merged = outside;
#define DBG_FLAG(type, name, default_value, help)               \
  if (code.name.source() == OptionSource::kCode &&              \
      !(outside.override &&                                     \
        outside.name.source() > OptionSource::kProgramDefault)) \
    merged.name = code.name;
#include "dbgalloc/flags.inc"
  return merged;
}

static_assert(std::is_trivially_copyable_v<Options>);
static_assert(std::is_standard_layout_v<Options>);

}  // namespace dbgalloc

#endif  // DBGALLOC_RUNTIME_FLAGS_OPTIONS_H_
