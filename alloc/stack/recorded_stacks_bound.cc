#include <atomic>

#include "alloc/base/text_writer.h"
#include "alloc/os/env.h"
#include "alloc/os/raw_io.h"
#include "alloc/stack/stack_recorder.h"

namespace dbgalloc::stack {
namespace {

constinit std::atomic<bool> is_bounded{false};

void WriteFullNote() {
  const size_t limit = GlobalStackDepot().limit();
  if (limit == 0) return;  // as it was asked for
  char buffer[192];
  base::TextWriter out(buffer, sizeof(buffer));
  out.Text("==").Dec(static_cast<uint64_t>(os::ProcessId()));
  out.Text("==NOTE: dbgalloc: the ").Dec(limit);
  out.Text(" bytes for stacks are used up (stack_depot_size): new ones are ");
  out.Text("cut to ").Dec(StackDepot::kCutFrames).Text(" frames\n");
  os::WriteAll(os::kStandardError, out.view());
}

}  // namespace

void BoundRecordedStacks(size_t bytes) {
  StackDepot& depot = GlobalStackDepot();
  depot.CallWhenFull(WriteFullNote);
  if (!is_bounded.exchange(true) || bytes > depot.limit()) {
    depot.SetLimit(bytes);
  }
}

}  // namespace dbgalloc::stack
