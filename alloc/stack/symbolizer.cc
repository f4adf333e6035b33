#include "alloc/stack/symbolizer.h"

#include <string.h>

#include <atomic>
#include <string_view>

#include "alloc/base/spin_lock.h"
#include "alloc/os/thread.h"
#include "alloc/stack/debug_info.h"
#include "alloc/stack/demangle.h"
#include "alloc/stack/exported_symbols.h"
#include "alloc/stack/loaded_module.h"
#include "alloc/stack/report_arena.h"
#include "alloc/stack/source_path.h"
#include "alloc/stack/symbol_cache.h"

namespace dbgalloc::stack {
namespace {

// More inlined calls than this at one place are not shown.
constexpr size_t kMaxInlined = 64;

constexpr size_t kMaxFunctionSize = size_t{16} << 10;

constinit base::SpinLock symbolizer_lock;
// Thread number + 1 of the holder; 0: nobody.
constinit std::atomic<os::ThreadIndex> symbolizer_owner{0};

// All below under the lock.
constinit ReportArena texts;
constinit SymbolCache cache;
constinit char function_buffer[kMaxFunctionSize] = {};
constinit DebugFrame debug_frames[kMaxInlined] = {};
constinit SymbolFrame found_frames[kMaxInlined] = {};

// Holds the lock, unless this thread holds it already: then it was interrupted
// in the middle of symbolizing, and nothing of it may be used.
class SymbolizerHolder {
 public:
  SymbolizerHolder() {
    const os::ThreadIndex self = os::CurrentThread() + 1;
    if (symbolizer_owner.load(std::memory_order_relaxed) == self) return;
    symbolizer_lock.Lock();
    symbolizer_owner.store(self, std::memory_order_relaxed);
    held_ = true;
  }
  ~SymbolizerHolder() {
    if (!held_) return;
    symbolizer_owner.store(0, std::memory_order_relaxed);
    symbolizer_lock.Unlock();
  }
  SymbolizerHolder(const SymbolizerHolder&) = delete;
  SymbolizerHolder& operator=(const SymbolizerHolder&) = delete;

  bool held() const { return held_; }

 private:
  bool held_ = false;
};

// The two parts as one text in the arena; "" when memory is refused.
const char* Keep(std::string_view first, std::string_view second = {}) {
  const size_t size = first.size() + second.size();
  if (size == 0) return "";
  char* text = static_cast<char*>(texts.Allocate(size + 1));
  if (text == nullptr) return "";
  if (!first.empty()) memcpy(text, first.data(), first.size());
  if (!second.empty()) {
    memcpy(text + first.size(), second.data(), second.size());
  }
  text[size] = '\0';
  return text;
}

const char* KeepFunction(const char* symbol) {
  if (symbol == nullptr) return "";
  const size_t size = Demangle(symbol, function_buffer, kMaxFunctionSize);
  return size != 0 ? Keep({function_buffer, size}) : Keep(symbol);
}

const char* KeepFile(const char* file) {
  if (file == nullptr) return "";
  const SourcePath path = ReadableSourcePath(file);
  return Keep(path.folder, path.rest);
}

void Fill(const DebugFrame& debug, SymbolFrame* frame) {
  frame->function = KeepFunction(debug.symbol);
  // A file alone says less than module and offset do.
  if (debug.file == nullptr || debug.line <= 0) return;
  frame->file = KeepFile(debug.file);
  frame->line = debug.line;
  frame->column = debug.column;
}

// What can be told without opening a file.
void FillFromMemory(uintptr_t address, SymbolFrame* frame) {
  LoadedModule module;
  if (!FindLoadedModule(address, &module)) return;
  frame->function = KeepFunction(FindExportedSymbol(module, address));
}

// At least one frame; overwritten by the next call.
CachedFrames LookUp(uintptr_t address, const SymbolFrame& module_only) {
  const size_t count = LookUpDebugInfo(address, debug_frames, kMaxInlined);
  for (size_t i = 0; i < count; ++i) {
    found_frames[i] = module_only;
    Fill(debug_frames[i], &found_frames[i]);
  }
  if (count != 0) return {found_frames, count};
  found_frames[0] = module_only;
  FillFromMemory(address, &found_frames[0]);
  return {found_frames, 1};
}

void DropTexts() {
  cache.Forget();
  texts.Drop();
}

}  // namespace

size_t Symbolize(uintptr_t program_counter, SymbolFrame* frames,
                 size_t capacity, PcKind kind) {
  if (capacity == 0) return 0;
  const SymbolFrame module_only = SymbolizeModuleOnly(program_counter);
  frames[0] = module_only;
  const bool is_return = kind == PcKind::kReturnAddress && program_counter != 0;
  const uintptr_t address = program_counter - (is_return ? 1 : 0);
  LoadedModule module;
  // Debug information of what lies there now says nothing of a closed library.
  if (!FindLoadedModule(address, &module)) return 1;
  SymbolizerHolder holder;
  if (!holder.held()) return 1;
  CachedFrames found = cache.Find(address);
  if (found.count == 0) {
    found = LookUp(address, module_only);
    cache.Insert(address, found.frames, found.count, texts);
  }
  const size_t count = found.count < capacity ? found.count : capacity;
  for (size_t i = 0; i < count; ++i) {
    frames[i] = found.frames[i];
    frames[i].module_offset = module_only.module_offset;
  }
  return count;
}

SymbolFrame SymbolizeModuleOnly(uintptr_t program_counter) {
  SymbolFrame frame;
  ModuleInfo module;
  if (!DescribeModule(program_counter, &module)) return frame;
  frame.module = module.path;
  frame.module_offset = module.offset;
  memcpy(frame.build_id, module.build_id, sizeof(frame.build_id));
  return frame;
}

void ReleaseSymbols() {
  SymbolizerHolder holder;
  if (!holder.held()) return;
  DropDebugInfo();
  DropTexts();
}

void ReleaseSymbolTexts() {
  SymbolizerHolder holder;
  if (holder.held()) DropTexts();
}

size_t SymbolMemory() { return DebugInfoMemory() + texts.bytes(); }

void ResetSymbolizerAfterFork() {
  if (symbolizer_owner.exchange(0, std::memory_order_relaxed) == 0) return;
  // Whoever symbolized is not in this process; what it was reading is lost.
  AbandonDebugInfo();
  cache.Forget();
  texts.Abandon();
  symbolizer_lock.Unlock();
}

}  // namespace dbgalloc::stack
