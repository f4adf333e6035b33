// The few colors of the text form, as terminal sequences.
#ifndef DBGALLOC_ALLOC_REPORT_TEXT_COLOR_H_
#define DBGALLOC_ALLOC_REPORT_TEXT_COLOR_H_

#include <cstdint>

#include "alloc/base/text_writer.h"

namespace dbgalloc::report {

enum class Color : uint8_t { kNone, kError, kNote, kTitle, kCaret };

// Nothing unless `enabled`. kNone ends what came before.
inline void SetColor(base::TextWriter& out, bool enabled, Color color) {
  if (!enabled) return;
  switch (color) {
    case Color::kNone:
      out.Text("\033[0m");
      return;
    case Color::kError:
      out.Text("\033[1;31m");
      return;
    case Color::kNote:
      out.Text("\033[1;33m");
      return;
    case Color::kTitle:
      out.Text("\033[1m");
      return;
    case Color::kCaret:
      out.Text("\033[1;32m");
      return;
  }
}

}  // namespace dbgalloc::report

#endif  // DBGALLOC_ALLOC_REPORT_TEXT_COLOR_H_
