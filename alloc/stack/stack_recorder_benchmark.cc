// What one stack costs: sixteen frames from a recursion of 25, captured and
// interned. `None` is the recursion alone: subtract it. `SameStack` repeats one
// stack; `ManyStacks` goes through 1024 call paths in turn, `ManyLeaves`
// through eight that differ in their innermost three frames only.
//
// This file is compiled twice: with frame pointers, and without them, as
// packaged programs are. There, the frame pointer rows stop at once and mean
// nothing.
#include <benchmark/benchmark.h>
#include <dlfcn.h>
#include <unwind.h>

#include <cstddef>
#include <cstdint>

#include "alloc/stack/capture_entry.h"
#include "alloc/stack/share_entry.h"
#include "alloc/stack/unwind.h"

namespace dbgalloc::stack {
namespace {

constexpr size_t kFrames = 16;
constexpr int kDepth = 25;

using CaptureFunction = void (*)();

void CaptureNothing() { benchmark::DoNotOptimize(CallerHere()); }

template <UnwindMethod kMethod>
void CaptureOnly() {
  uintptr_t frames[kFrames];
  benchmark::DoNotOptimize(CaptureHere(frames, kFrames, kMethod));
}

template <UnwindMethod kMethod>
void CaptureAndIntern() {
  benchmark::DoNotOptimize(CaptureAndInternHere(kFrames, kMethod));
}

template <UnwindMethod kMethod>
void ShareAndIntern() {
  benchmark::DoNotOptimize(ShareAndInternHere(kFrames, kMethod));
}

template <UnwindMethod kMethod>
void Record() {
  benchmark::DoNotOptimize(RecordHere(kFrames, kMethod));
}

struct Frames {
  uintptr_t frames[kFrames];
  size_t count = 0;
};

_Unwind_Reason_Code AddFrame(_Unwind_Context* context, void* argument) {
  Frames& frames = *static_cast<Frames*>(argument);
  if (frames.count == kFrames) return _URC_END_OF_STACK;
  frames.frames[frames.count++] = _Unwind_GetIP(context);
  return _URC_NO_REASON;
}

void CaptureByLibgcc() {
  Frames frames;
  _Unwind_Backtrace(AddFrame, &frames);
  benchmark::DoNotOptimize(frames.frames);
}

// libunwind's cached walk, where the library is installed. Opened locally, so
// that it takes nothing else over.
using UnwBacktrace = int (*)(void** frames, int capacity);
UnwBacktrace FindUnwBacktrace() {
  void* library = dlopen("libunwind.so.8", RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return nullptr;
  return reinterpret_cast<UnwBacktrace>(dlsym(library, "unw_backtrace"));
}

void CaptureByLibunwind() {
  static const UnwBacktrace unw_backtrace = FindUnwBacktrace();
  void* frames[kFrames];
  if (unw_backtrace != nullptr) unw_backtrace(frames, kFrames);
  benchmark::DoNotOptimize(frames);
}

// Two callers of each level, chosen by the bits of `path`.
[[gnu::noinline]] int Left(CaptureFunction capture, int depth, uint32_t path);
[[gnu::noinline]] int Right(CaptureFunction capture, int depth, uint32_t path);

int Descend(CaptureFunction capture, int depth, uint32_t path) {
  if (depth == 0) {
    capture();
    return 1;
  }
  return (path & 1) != 0 ? Left(capture, depth - 1, path >> 1) + 1
                         : Right(capture, depth - 1, path >> 1) + 2;
}

int Left(CaptureFunction capture, int depth, uint32_t path) {
  const int result = Descend(capture, depth, path);
  benchmark::ClobberMemory();
  return result;
}

int Right(CaptureFunction capture, int depth, uint32_t path) {
  const int result = Descend(capture, depth, path);
  benchmark::ClobberMemory();
  return result + 1;
}

void SameStack(benchmark::State& state, CaptureFunction capture) {
  for (auto _ : state) benchmark::DoNotOptimize(Descend(capture, kDepth, 0));
}

// The paths differ in the innermost ten of the frames that are captured.
void ManyStacks(benchmark::State& state, CaptureFunction capture) {
  uint32_t path = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(Descend(capture, kDepth, (path++ % 1024) << 15));
  }
}

// The innermost three frames vary, and their callers are the same: too many for
// one place of the trace cache.
void ManyLeaves(benchmark::State& state, CaptureFunction capture) {
  uint32_t path = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(Descend(capture, kDepth, (path++ % 8) << 22));
  }
}

#define STACK_BENCHMARK(capture)                   \
  BENCHMARK_CAPTURE(SameStack, capture, capture);  \
  BENCHMARK_CAPTURE(ManyLeaves, capture, capture); \
  BENCHMARK_CAPTURE(ManyStacks, capture, capture)

STACK_BENCHMARK(CaptureNothing);
STACK_BENCHMARK(CaptureOnly<UnwindMethod::kFramePointer>);
STACK_BENCHMARK(CaptureOnly<UnwindMethod::kTables>);
STACK_BENCHMARK(CaptureAndIntern<UnwindMethod::kFramePointer>);
STACK_BENCHMARK(CaptureAndIntern<UnwindMethod::kAuto>);
STACK_BENCHMARK(ShareAndIntern<UnwindMethod::kFramePointer>);
STACK_BENCHMARK(ShareAndIntern<UnwindMethod::kAuto>);
STACK_BENCHMARK(Record<UnwindMethod::kFramePointer>);
STACK_BENCHMARK(Record<UnwindMethod::kAuto>);
STACK_BENCHMARK(CaptureByLibgcc);
STACK_BENCHMARK(CaptureByLibunwind);

}  // namespace
}  // namespace dbgalloc::stack
