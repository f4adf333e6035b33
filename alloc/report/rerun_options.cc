#include "alloc/report/rerun_options.h"

namespace dbgalloc::report {

void WriteRerunOptions(base::TextWriter& out, const ErrorRecord& record) {
  const uint64_t number = record.block.allocated.number;
  if (record.damage.size == 0 || !record.block.known || number == 0) return;
  const bool is_late = record.kind == ErrorKind::kHeapBufferOverflow ||
                       record.kind == ErrorKind::kHeapBufferUnderflow ||
                       record.kind == ErrorKind::kWriteAfterFree;
  if (!is_late) return;
  out.Text("guard=all:guard_only=").Dec(number);
  if (record.kind == ErrorKind::kHeapBufferOverflow) {
    out.Text(":guard_align=exact");
  } else if (record.kind == ErrorKind::kHeapBufferUnderflow) {
    out.Text(":guard_align=left");
  }
}

}  // namespace dbgalloc::report
