#include "alloc/report/glog_bridge.h"

#include <atomic>

namespace dbgalloc::report {
namespace {

constinit std::atomic<GlogWriter> registered_writer{nullptr};
constinit std::atomic<ProcessPhase> phase{ProcessPhase::kUnknown};

void Advance(ProcessPhase to) {
  ProcessPhase from = phase.load(std::memory_order_relaxed);
  while (from < to && !phase.compare_exchange_weak(from, to)) {
  }
}

}  // namespace

void RegisterGlogWriter(GlogWriter writer) {
  registered_writer.store(writer, std::memory_order_release);
}

GlogWriter RegisteredGlogWriter() {
  return registered_writer.load(std::memory_order_acquire);
}

void NoteMainIsAhead() { Advance(ProcessPhase::kBeforeMain); }
void NoteMainBegins() { Advance(ProcessPhase::kInMain); }
void NoteExitBegins() { Advance(ProcessPhase::kExiting); }

ProcessPhase CurrentProcessPhase() {
  return phase.load(std::memory_order_acquire);
}

}  // namespace dbgalloc::report
