// The running process as reports speak of it: its sources, its threads, its
// memory.
#ifndef DBGALLOC_ALLOC_REPORT_SYSTEM_VIEW_H_
#define DBGALLOC_ALLOC_REPORT_SYSTEM_VIEW_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "alloc/base/text_writer.h"
#include "alloc/report/surroundings.h"

namespace dbgalloc::report {

class SystemView final : public HostView {
 public:
  // `source_path` as the flag has it; must outlive the view.
  constexpr explicit SystemView(std::string_view source_path)
      : source_path_(source_path) {}

  std::ptrdiff_t ReadSourceLine(std::string_view file, int line, char* buffer,
                                size_t capacity) override;
  // The main thread is "main" unless it was given a name of its own; a thread
  // that bears the program's name, as all do at first, has none.
  size_t ThreadName(uint32_t thread, char* buffer, size_t capacity) override;
  bool NameAddress(uintptr_t address, base::TextWriter& out) override;

 private:
  std::string_view source_path_;
};

}  // namespace dbgalloc::report

#endif  // DBGALLOC_ALLOC_REPORT_SYSTEM_VIEW_H_
