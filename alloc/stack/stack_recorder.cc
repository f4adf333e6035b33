#include "alloc/stack/stack_recorder.h"

#include "alloc/os/thread.h"
#include "alloc/stack/trace_cache.h"
#include "alloc/stack/unwind_tables.h"
#include "alloc/stack/unwind_walk.h"

namespace dbgalloc::stack {
namespace {

constinit TraceCache recorded_traces;

// Hashes the frames while the walk waits for its next load.
struct HashLog : NoLog {
  void Restart() { hash = TraceHash(); }
  void Frame(uintptr_t program_counter) { hash.Add(program_counter); }
  TraceHash hash;
};

[[gnu::noinline]] uint32_t WalkAndIntern(const CallerFrame& from,
                                         size_t max_frames,
                                         UnwindMethod method) {
  uintptr_t frames[kMaxRecordedFrames];
  HashLog log;
  const size_t count = WalkStack(from, frames, max_frames, method, log);
  return GlobalStackDepot().Intern(frames, count, log.hash);
}

// The same, and notes what the walk went by.
[[gnu::noinline]] uint32_t WalkAndRemember(const CallerFrame& from,
                                           size_t max_frames,
                                           UnwindMethod method,
                                           TraceCache::Settings settings) {
  uintptr_t frames[kMaxRecordedFrames];
  WalkedWords words(from.stack_pointer);
  const size_t count = WalkStack(from, frames, max_frames, method, words);
  const uint32_t id = GlobalStackDepot().Intern(frames, count, words.hash());
  if (id != StackDepot::kNone) {
    recorded_traces.Insert(from, settings, words, id);
  }
  return id;
}

}  // namespace

uint32_t RecordStack(const CallerFrame& from, size_t max_frames,
                     UnwindMethod method) {
  if (max_frames == 0) return StackDepot::kNone;
  if (max_frames > kMaxRecordedFrames) max_frames = kMaxRecordedFrames;
  const TraceCache::Settings settings{
      static_cast<uint32_t>(max_frames) << 8 | static_cast<uint32_t>(method),
      static_cast<uint32_t>(unwind_rows.epoch())};
  const os::StackBounds bounds = os::CurrentStackBounds();
  const bool is_on_thread_stack =
      from.stack_pointer >= bounds.low && from.stack_pointer < bounds.high;
  if (!is_on_thread_stack || recorded_traces.IsCrowded(from)) {
    return WalkAndIntern(from, max_frames, method);
  }
  const uint32_t id = recorded_traces.Find(from, settings, bounds.high);
  if (id != StackDepot::kNone) return id;
  if (!recorded_traces.WasMet(from)) {
    return WalkAndIntern(from, max_frames, method);
  }
  return WalkAndRemember(from, max_frames, method, settings);
}

StackDepot::Statistics RecordedStackStatistics() {
  StackDepot::Statistics statistics = GlobalStackDepot().statistics();
  statistics.hits += recorded_traces.hits();
  return statistics;
}

void ForEachRecorderState(void (*visit)(void* context, uintptr_t begin,
                                        uintptr_t end),
                          void* context) {
  const auto tell = [visit, context](const auto& object) {
    const auto begin = reinterpret_cast<uintptr_t>(&object);
    visit(context, begin, begin + sizeof(object));
  };
  tell(recorded_traces);
  tell(unwind_rows);
  tell(GlobalStackDepot());
}

}  // namespace dbgalloc::stack
