// The formats of reports, by name. A new one is a row here and a file pair.
#ifndef DBGALLOC_ALLOC_REPORT_FORMAT_H_
#define DBGALLOC_ALLOC_REPORT_FORMAT_H_

#include <string_view>

#include "alloc/report/format_json.h"
#include "alloc/report/format_sarif.h"
#include "alloc/report/format_text.h"

namespace dbgalloc::report {

struct ReportFormat {
  std::string_view name;  // as report_format has it
  void (*write_error)(const ErrorRecord& record,
                      const Surroundings& surroundings, TextScratch& scratch,
                      base::TextWriter& out);
  void (*write_leaks)(const LeakReport& report,
                      const Surroundings& surroundings, TextScratch& scratch,
                      base::TextWriter& out);
  // The same error, with the same stacks, once more.
  void (*write_repeat)(const ErrorRecord& record, uint64_t times,
                       const Surroundings& surroundings, TextScratch& scratch,
                       base::TextWriter& out);
};

// In the order of report_format's words.
inline constexpr ReportFormat kFormats[] = {
    {"text", &FormatTextError, &FormatTextLeaks, &FormatTextRepeat},
    {"json", &FormatJsonError, &FormatJsonLeaks, &FormatJsonRepeat},
    {"sarif", &FormatSarifError, &FormatSarifLeaks, &FormatSarifRepeat},
};

}  // namespace dbgalloc::report

#endif  // DBGALLOC_ALLOC_REPORT_FORMAT_H_
