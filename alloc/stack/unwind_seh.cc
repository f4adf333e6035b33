// By the tables for exceptions that every x86-64 image has (.pdata), as the
// system reads them; the method makes no difference. A frame pointer says
// nothing here: functions may have it point anywhere into their frame.
#include "alloc/os/thread.h"
#include "alloc/os/windows_api.h"
#include "alloc/stack/machine_registers.h"
#include "alloc/stack/unwind.h"

namespace dbgalloc::stack {
namespace {

struct UnwindInfo {
  uint8_t version_and_flags;
  uint8_t prologue_size;
  uint8_t code_count;
  uint8_t frame_register_and_offset;

  bool HasFrameRegister() const {
    return (frame_register_and_offset & 15) != 0;
  }
};

// One walk. Words are read by the system, so it stays where the stack is.
class StackWalk {
 public:
  explicit StackWalk(const CallerFrame& from)
      : bounds_(os::CurrentStackBounds()) {
    context_.Rip = from.program_counter;
    context_.Rsp = from.stack_pointer;
    context_.Rbp = from.frame_pointer;
  }

  uintptr_t program_counter() const { return context_.Rip; }

  // Goes on to the caller. False: there is none, or the stack is damaged.
  bool Step() {
    const uintptr_t before = context_.Rsp;
    if (!Holds(before)) return false;
    DWORD64 base = 0;
    RUNTIME_FUNCTION* entry =
        RtlLookupFunctionEntry(context_.Rip, &base, nullptr);
    if (entry == nullptr) {
      // A function that calls nothing and saves nothing.
      context_.Rip = *reinterpret_cast<const DWORD64*>(before);
      context_.Rsp = before + sizeof(DWORD64);
    } else {
      const auto* info =
          reinterpret_cast<const UnwindInfo*>(base + entry->UnwindData);
      if (info->HasFrameRegister() && !Holds(context_.Rbp)) return false;
      void* handler_data = nullptr;
      DWORD64 establisher = 0;
      RtlVirtualUnwind(UNW_FLAG_NHANDLER, base, context_.Rip, entry, &context_,
                       &handler_data, &establisher, nullptr);
    }
    return context_.Rsp > before && context_.Rip >= kLowestCode;
  }

 private:
  bool Holds(uintptr_t address) const {
    return address % sizeof(uintptr_t) == 0 && address >= bounds_.low &&
           address < bounds_.high;
  }

  const os::StackBounds bounds_;
  alignas(16) CONTEXT context_ = {};
};

}  // namespace

size_t CaptureStack(const CallerFrame& from, uintptr_t* frames,
                    size_t max_frames, UnwindMethod) {
  os::LastErrorKeeper keeper;
  StackWalk walk(from);
  size_t count = 0;
  if (max_frames == 0 || walk.program_counter() < kLowestCode) return 0;
  do {
    frames[count++] = walk.program_counter();
  } while (count < max_frames && walk.Step());
  return count;
}

// Nothing is kept.
void InvalidateUnwindCache() {}

}  // namespace dbgalloc::stack
