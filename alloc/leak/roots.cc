#include "alloc/leak/roots.h"

#include "alloc/os/env.h"
#include "alloc/os/program_data.h"

namespace dbgalloc::leak {
namespace {

// What a function that calls nothing may use below the stack pointer.
constexpr uintptr_t kBelowStackPointer = 128;

bool Holds(const Range& range, uintptr_t address) {
  return address >= range.begin && address < range.end;
}

}  // namespace

size_t Roots::most() const {
  const size_t others =
      sources_.threads == nullptr ? 0 : sources_.threads->size();
  return sources_.segment_count + sources_.region_count + 8 * (others + 1);
}

Roots::Thread Roots::Of(const os::OtherThread& other) {
  return {other.kernel_id == os::ProcessId(), other.stack_pointer,
          other.descriptor, kBelowStackPointer};
}

Roots::Thread Roots::Caller() const {
  return {sources_.caller_is_main, sources_.caller.stack_pointer,
          sources_.caller_descriptor, 0};
}

template <typename Visitor>
void Roots::ForEachThread(const Visitor& visit) const {
  visit(Caller());
  if (sources_.threads == nullptr) return;
  for (size_t i = 0; i < sources_.threads->size(); ++i) {
    visit(Of((*sources_.threads)[i]));
  }
}

// The main thread's descriptor lies elsewhere; other threads' lie above their
// stacks.
Range Roots::NativeStack(const Thread& thread) const {
  if (thread.is_main) return foreign_.main_stack();
  if (thread.descriptor == 0) return {};
  const Range mapping = foreign_.MappingAround(thread.descriptor);
  if (mapping.begin == mapping.end) return {};
  return {mapping.begin, Locals(thread).begin};
}

Range Roots::Locals(const Thread& thread) const {
  if (thread.descriptor == 0) return {};
  const Range mapping = foreign_.MappingAround(thread.descriptor);
  if (mapping.begin == mapping.end) return {};
  Range locals = {thread.descriptor - sources_.local_bytes,
                  thread.descriptor + os::kDescriptorSize};
  if (locals.begin < mapping.begin) locals.begin = mapping.begin;
  if (locals.end > mapping.end) locals.end = mapping.end;
  return locals;
}

// A stack that the program made: a block of the heap, or part of a mapping.
Range Roots::MadeStack(uintptr_t stack_pointer) const {
  const heap::BlockRef block = heap_.Find(stack_pointer);
  if (block) {
    return {stack_pointer,
            heap_.UserBegin(block) + static_cast<size_t>(heap_.SizeOf(block))};
  }
  return {stack_pointer, foreign_.MappingAround(stack_pointer).end};
}

void Roots::PushStack(const Thread& thread, Mark* mark) const {
  const Range native = NativeStack(thread);
  if (Holds(native, thread.stack_pointer)) {
    mark->PushRoot({thread.stack_pointer - thread.reach, native.end});
    return;
  }
  // Its own stack is not in use just now; how much of it is alive only the
  // program knows.
  mark->PushRoot(native);
  if (thread.stack_pointer == 0) return;
  const Range made = MadeStack(thread.stack_pointer);
  if (made.begin < made.end) mark->PushRoot(made);
}

void Roots::PushRegisters(Mark* mark) const {
  const auto begin = reinterpret_cast<uintptr_t>(sources_.caller.values);
  mark->PushRoot({begin, begin + sizeof(sources_.caller.values)});
  if (sources_.threads == nullptr) return;
  for (size_t i = 0; i < sources_.threads->size(); ++i) {
    const os::OtherThread& other = (*sources_.threads)[i];
    mark->PushRoot({other.registers_begin, other.registers_end});
    mark->PushRoot({other.vectors_begin, other.vectors_end});
    for (size_t j = 0; j < other.argument_count; ++j) {
      mark->Follow(other.arguments[j]);
    }
  }
}

// Those of dead threads are used again with their blocks, whose contents are
// dead. Of living ones, what they hold is found through the descriptor, where
// thread locals are wanted.
void Roots::SeeLocalsTables(Mark* mark) const {
  foreign_.ForEachDescriptor([mark](uintptr_t descriptor) {
    mark->SeeTable(os::DynamicLocalsOf(descriptor));
  });
}

void Roots::ExcludeFromForeign() {
  foreign_.ExcludeThreadStacks();
  for (size_t i = 0; i < sources_.segment_count; ++i) {
    foreign_.Exclude(sources_.segments[i].begin, sources_.segments[i].end);
  }
  if (sources_.rules.tls) return;
  ForEachThread([this](const Thread& thread) {
    const Range locals = Locals(thread);
    foreign_.Exclude(locals.begin, locals.end);
  });
}

void Roots::PushAll(Mark* mark) {
  for (size_t i = 0; i < sources_.region_count; ++i) {
    mark->PushRoot(sources_.regions[i]);
  }
  for (size_t i = 0; sources_.rules.globals && i < sources_.segment_count;
       ++i) {
    mark->PushRoot(sources_.segments[i]);
  }
  ForEachThread([this, mark](const Thread& thread) {
    if (sources_.rules.stacks) PushStack(thread, mark);
    if (sources_.rules.tls) mark->PushRoot(Locals(thread));
  });
  if (sources_.rules.registers) PushRegisters(mark);
}

}  // namespace dbgalloc::leak
