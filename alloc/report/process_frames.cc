#include "alloc/report/process_frames.h"

#include "alloc/base/text_writer.h"
#include "alloc/os/env.h"
#include "alloc/stack/module_registry.h"
#include "alloc/stack/stack_depot.h"

namespace dbgalloc::report {
namespace {

void WriteBuildId(const stack::KnownModule& module, base::TextWriter& out) {
  for (size_t i = 0; i < module.build_id_size; ++i) {
    out.HexByte(module.build_id[i]);
  }
}

void DescribeByModule(uintptr_t program_counter, FrameVisitor& visitor) {
  FrameDescription frame;
  frame.program_counter = program_counter;
  const stack::KnownModule* module =
      stack::GlobalModuleRegistry().Find(program_counter);
  char build_id[2 * stack::kMaxBuildIdSize];
  base::TextWriter id(build_id, sizeof(build_id));
  if (module != nullptr) {
    WriteBuildId(*module, id);
    frame.module = module->name;
    if (frame.module.empty()) frame.module = os::ProgramPath();
    frame.module_offset = program_counter - module->load_bias;
    frame.build_id = id.view();
  }
  visitor.OnFrame(frame);
}

}  // namespace

size_t ProcessFrames::Find(uint32_t stack, const uintptr_t** counters) {
  return stack::GlobalStackDepot().Get(stack, counters);
}

void ProcessFrames::Describe(uintptr_t program_counter, FrameVisitor& visitor) {
  DescribeByModule(program_counter, visitor);
}

}  // namespace dbgalloc::report
