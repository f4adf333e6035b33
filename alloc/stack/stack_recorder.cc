#include "alloc/stack/stack_recorder.h"

#include "alloc/os/thread.h"
#include "alloc/stack/last_walk.h"
#include "alloc/stack/last_walks.h"
#include "alloc/stack/trace_cache.h"
#include "alloc/stack/unwind_tables.h"
#include "alloc/stack/unwind_walk.h"

namespace dbgalloc::stack {
namespace {

constinit TraceCache recorded_traces;
constinit LastWalks last_walks;

// Hashes the frames while the walk waits for its next load.
struct HashLog : NoLog {
  void Restart() { hash = TraceHash(); }
  bool Reached(WalkRegisters at) {
    hash.Add(at.program_counter);
    return false;
  }
  TraceHash hash;
};

// A walk of its own, from the first frame to the last.
[[gnu::noinline]] uint32_t WalkAndIntern(const CallerFrame& from,
                                         size_t max_frames,
                                         UnwindMethod method) {
  uintptr_t frames[kMaxRecordedFrames];
  HashLog log;
  const size_t count = WalkStack(from, frames, max_frames, method, log);
  return GlobalStackDepot().Intern(frames, count, log.hash);
}

// As far as to the first frame that the thread's last walk went by.
uint32_t WalkOnAndIntern(LastWalk& last, const CallerFrame& from,
                         size_t max_frames, LastWalk::Settings settings,
                         uintptr_t high, const TraceCache::Settings* remember) {
  const LastWalk::Trace trace = last.Walk(from, max_frames, settings, high);
  const uint32_t id =
      GlobalStackDepot().Intern(trace.frames, trace.count, trace.hash);
  if (remember != nullptr && id != StackDepot::kNone) {
    recorded_traces.Insert(from, *remember, last.WordsOf(trace, from), id);
  }
  return id;
}

}  // namespace

uint32_t RecordStack(const CallerFrame& from, size_t max_frames,
                     UnwindMethod method) {
  if (max_frames == 0) return StackDepot::kNone;
  if (max_frames > kMaxRecordedFrames) max_frames = kMaxRecordedFrames;
  const os::StackBounds bounds = os::CurrentStackBounds();
  const bool is_on_thread_stack =
      from.stack_pointer >= bounds.low && from.stack_pointer < bounds.high;
  if (!is_on_thread_stack) return WalkAndIntern(from, max_frames, method);
  const RowCache::Epoch epoch = unwind_rows.epoch();
  const TraceCache::Settings settings{
      static_cast<uint32_t>(max_frames) << 8 | static_cast<uint32_t>(method),
      static_cast<uint32_t>(epoch)};
  bool is_worth_remembering = false;
  if (!recorded_traces.IsCrowded(from)) {
    const uint32_t id = recorded_traces.Find(from, settings, bounds.high);
    if (id != StackDepot::kNone) return id;
    is_worth_remembering = recorded_traces.WantsMore(from);
  }
  // A step by frame pointer costs no more than to make sure of one.
  const bool may_share = method != UnwindMethod::kFramePointer;
  ScopedLastWalk last(last_walks, bounds.high);
  if (last.get() == nullptr ||
      !(is_worth_remembering || (may_share && last.get()->IsWorthwhile()))) {
    return WalkAndIntern(from, max_frames, method);
  }
  return WalkOnAndIntern(*last.get(), from, max_frames, {epoch, method},
                         bounds.high,
                         is_worth_remembering ? &settings : nullptr);
}

void ForgetLastStack() { last_walks.Forget(os::CurrentStackBounds().high); }

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
  tell(last_walks);
  tell(unwind_rows);
  tell(GlobalStackDepot());
}

}  // namespace dbgalloc::stack
