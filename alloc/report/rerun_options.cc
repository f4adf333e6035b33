#include "alloc/report/rerun_options.h"

namespace dbgalloc::report {

namespace {

// Found after it was done, with the block at hand.
bool IsLate(const ErrorRecord& record) {
  if (record.damage.size == 0 || !record.block.known) return false;
  return record.kind == ErrorKind::kHeapBufferOverflow ||
         record.kind == ErrorKind::kHeapBufferUnderflow ||
         record.kind == ErrorKind::kWriteAfterFree;
}

}  // namespace

void WriteRerunOptions(base::TextWriter& out, const ErrorRecord& record) {
  const uint64_t number = record.block.allocated.number;
  if (!IsLate(record) || number == 0) {
    if (record.guard_seed != 0) out.Text("guard_seed=").Hex(record.guard_seed);
    return;
  }
  out.Text("guard=all:guard_only=").Dec(number);
  if (record.kind == ErrorKind::kHeapBufferOverflow) {
    out.Text(":guard_align=exact");
  } else if (record.kind == ErrorKind::kHeapBufferUnderflow) {
    out.Text(":guard_align=left");
  }
}

}  // namespace dbgalloc::report
