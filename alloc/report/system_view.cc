#include "alloc/report/system_view.h"

#include "alloc/os/env.h"
#include "alloc/os/thread.h"
#include "alloc/report/source_file.h"
#include "alloc/report/words.h"
#include "alloc/stack/modules.h"

namespace dbgalloc::report {
namespace {

// No program maps memory below this; a null pointer with an offset lands here.
constexpr uintptr_t kNullPages = 0x10000;

// Thread names are cut to this by the kernel.
constexpr size_t kThreadNameLength = 15;

// Whether a thread still bears the name that the kernel gave it, after the
// file that was executed.
bool IsProgramsOwnName(std::string_view name) {
  return name == os::ExecutedName().substr(0, kThreadNameLength);
}

}  // namespace

std::ptrdiff_t SystemView::ReadSourceLine(std::string_view file, int line,
                                          char* buffer, size_t capacity) {
  return report::ReadSourceLine(source_path_, file, line, buffer, capacity);
}

size_t SystemView::ThreadName(uint32_t thread, char* buffer, size_t capacity) {
  const size_t size = os::ThreadName(thread, buffer, capacity);
  if (size != 0 && !IsProgramsOwnName({buffer, size})) return size;
  const bool is_main = os::KernelThreadId(thread) == os::ProcessId();
  return is_main ? std::string_view("main").copy(buffer, capacity) : 0;
}

bool SystemView::NameAddress(uintptr_t address, base::TextWriter& out) {
  if (address < kNullPages) {
    out.Text("in the null pages, as of a null pointer with an offset");
    return true;
  }
  const os::StackBounds stack = os::CurrentStackBounds();
  if (address >= stack.low && address < stack.high) {
    out.Text("on the stack of this thread");
    return true;
  }
  stack::ModuleInfo module;
  if (!stack::DescribeModule(address, &module)) return false;
  out.Text("in the code or static data of ");
  WriteForeign(out, module.path);
  return true;
}

}  // namespace dbgalloc::report
