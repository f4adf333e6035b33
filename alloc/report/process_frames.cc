#include "alloc/report/process_frames.h"

#include "alloc/stack/stack_depot.h"
#include "alloc/stack/stack_hash.h"
#include "alloc/stack/symbolizer.h"

namespace dbgalloc::report {
namespace {

// Calls that were inlined at one place; deeper ones are not shown.
constexpr size_t kMaxInlined = 16;

FrameDescription FrameOf(uintptr_t program_counter,
                         const stack::SymbolFrame& symbol) {
  FrameDescription frame;
  frame.program_counter = program_counter;
  frame.function = symbol.function;
  frame.file = symbol.file;
  frame.line = symbol.line;
  frame.column = symbol.column;
  frame.module = symbol.module;
  frame.module_offset = symbol.module_offset;
  frame.build_id = symbol.build_id;
  return frame;
}

}  // namespace

size_t ProcessFrames::Find(uint32_t stack, const uintptr_t** counters) {
  return stack::GlobalStackDepot().Get(stack, counters);
}

uint32_t ProcessFrames::HashOf(uint32_t stack) {
  return stack::StackHash(stack);
}

void ProcessFrames::Describe(uintptr_t program_counter, CounterKind kind,
                             FrameVisitor& visitor) {
  if (!symbolize_) {
    DescribeModule(program_counter, visitor);
    return;
  }
  stack::SymbolFrame symbols[kMaxInlined];
  const size_t count = stack::Symbolize(program_counter, symbols, kMaxInlined,
                                        kind == CounterKind::kFault
                                            ? stack::PcKind::kExact
                                            : stack::PcKind::kReturnAddress);
  for (size_t i = 0; i < count; ++i) {
    visitor.OnFrame(FrameOf(program_counter, symbols[i]));
  }
}

void ProcessFrames::DescribeModule(uintptr_t program_counter,
                                   FrameVisitor& visitor) {
  visitor.OnFrame(
      FrameOf(program_counter, stack::SymbolizeModuleOnly(program_counter)));
}

void ProcessFrames::Release() { stack::ReleaseSymbols(); }

void ProcessFrames::ReleaseTexts() { stack::ReleaseSymbolTexts(); }

void ProcessFrames::ResetAfterFork() { stack::ResetSymbolizerAfterFork(); }

}  // namespace dbgalloc::report
