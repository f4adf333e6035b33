// The place in the source that a call stands at, also for code that is built as
// C++17.
#ifndef DBGALLOC_ALLOC_CALL_SITE_H_
#define DBGALLOC_ALLOC_CALL_SITE_H_

#include <cstdint>
#if defined(__has_include)
#if __has_include(<source_location>)
#include <source_location>
#endif
#endif

namespace dbgalloc {

// As a default argument, Current() is where the function is called:
//
//   void* Allocate(size_t size, CallSite site = CallSite::Current());
//
// Converts from std::source_location where there is one. The texts live as long
// as the module that the call stands in.
struct CallSite {
  const char* file = "";
  const char* function = "";
  uint32_t line = 0;

  constexpr CallSite() = default;
  constexpr CallSite(const char* in_file, const char* in_function,
                     uint32_t at_line)
      : file(in_file), function(in_function), line(at_line) {}
#if defined(__cpp_lib_source_location)
  constexpr CallSite(const std::source_location& location)  // NOLINT: converts
      : CallSite(location.file_name(), location.function_name(),
                 location.line()) {}
#endif

  static constexpr CallSite Current(
      const char* file = __builtin_FILE(),
      const char* function = __builtin_FUNCTION(),
      uint32_t line = static_cast<uint32_t>(__builtin_LINE())) {
    return {file, function, line};
  }
};

}  // namespace dbgalloc

#endif  // DBGALLOC_ALLOC_CALL_SITE_H_
