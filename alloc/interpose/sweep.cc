#include "alloc/interpose/sweep.h"

#include "alloc/base/spin_lock.h"
#include "alloc/fail/stack_pattern.h"
#include "alloc/fail/sweep_board.h"
#include "alloc/interpose/induced_failures.h"
#include "alloc/interpose/sweep_notes.h"
#include "alloc/interpose/sweep_stacks.h"
#include "alloc/os/clock.h"
#include "alloc/os/env.h"
#include "alloc/os/fork_point.h"
#include "alloc/os/raw_io.h"
#include "alloc/os/shared_memory.h"
#include "alloc/os/thread.h"
#include "alloc/stack/stack_hash.h"

namespace dbgalloc::interpose {
namespace {

using fail::SweepBoard;
using fail::SweepHazard;
using fail::SweepKind;
using fail::SweepPhase;
using fail::SweepPoint;

constinit SweepBoard* board = nullptr;
constinit fail::StackPattern filter;
constinit StackCounts stack_counts;
// Held by whoever chooses; a forked process releases its copy, too.
constinit base::SpinLock choice_lock;

// What a request is, as far as points are concerned.
struct Candidate {
  uint64_t index = 0;
  uint64_t size = 0;
  uint32_t stack = 0;
  uint32_t hash = 0;
  uint64_t occurrence = 0;  // of the stack, from 0
};

bool IsResize(const ErrorRecord& request) {
  return request.operation != Operation::kAllocate;
}

void CountRequest(const ErrorRecord& request) {
  std::atomic<uint64_t>& count =
      IsResize(request) ? board->resizes : board->allocations;
  count.store(request.failure_index + 1, std::memory_order_relaxed);
}

bool IsOwnProgram() { return board->program.load() == os::ProcessId(); }

bool JustCount(const ErrorRecord& request, const debug::CallerFrame&) {
  if (IsOwnProgram()) CountRequest(request);
  return false;
}

os::CapturedOutput Captured() {
  return {board->output_device, board->output_inode, board->error_inode};
}

SweepHazard HazardOf(os::ForkHazard hazard) {
  constexpr SweepHazard kHazards[] = {
      SweepHazard::kNone,    SweepHazard::kThread, SweepHazard::kFile,
      SweepHazard::kChannel, SweepHazard::kLock,   SweepHazard::kMapping};
  return kHazards[static_cast<size_t>(hazard)];
}

// Among keys that rise.
bool IsDone(uint64_t key) {
  const uint64_t* low = board->done();
  uint64_t count = board->done_count;
  while (count > 0) {
    const uint64_t half = count / 2;
    if (low[half] == key) return true;
    if (low[half] < key) {
      low += half + 1;
      count -= half + 1;
    } else {
      count = half;
    }
  }
  return false;
}

uint64_t KeyOf(const Candidate& candidate, SweepKind kind) {
  return board->by_index
             ? fail::SweepKey(kind, candidate.index, 0)
             : fail::SweepKey(kind, candidate.hash, candidate.occurrence);
}

void OnEffect() {
  NoteEffect();
  os::ExitNow(0);
}

// In the forked process: from here on it is on its own.
void BecomePoint(SweepPoint& point, uint64_t number) {
  os::ResetThreadsAfterFork();
  choice_lock.Unlock();
  induced_failures.SetChooser(nullptr);
  NotePointIn(*board, point);
  char output[sizeof(board->folder) + 32];
  char error[sizeof(board->folder) + 32];
  WriteOutputPath(*board, number, 'o', output, sizeof(output));
  WriteOutputPath(*board, number, 'e', error, sizeof(error));
  if (!os::StandApart(Captured(), output, error) ||
      !os::RefuseEffects(&OnEffect)) {
    OnEffect();
  }
  if (point.kind == SweepKind::kFrom) induced_failures.FailFromNowOn();
}

void TakePlace() {
  while (board->free_places.load() <= 0) {
    os::WaitWhileEqual(&board->free_places, 0);
  }
  board->free_places.fetch_sub(1);
}

// True: this is the forked process.
bool Fork(SweepPoint& point, uint64_t number) {
  TakePlace();
  const uint64_t start = os::MonotonicNanoseconds();
  const int process = os::ForkAside();
  if (process == 0) {
    BecomePoint(point, number);
    return true;
  }
  board->fork_nanoseconds.fetch_add(os::MonotonicNanoseconds() - start);
  board->forks.fetch_add(1);
  if (process > 0) {
    point.process = process;
  } else {
    board->free_places.fetch_add(1);
    point.hazard = SweepHazard::kNoFork;
  }
  return false;
}

// True: this is the process that was forked for it.
bool MakePoint(const Candidate& candidate, SweepKind kind) {
  const uint64_t key = KeyOf(candidate, kind);
  if (IsDone(key)) return false;
  const uint64_t number = board->point_count.load();
  if (number >= board->capacity) {
    board->has_overflowed.store(1);
    return false;
  }
  SweepPoint& point = board->points[number];
  const os::ForkView view = os::LookBeforeFork(Captured(), board);
  point.kind = kind;
  point.hazard = board->fork ? HazardOf(view.hazard) : SweepHazard::kNoFork;
  point.index = candidate.index;
  point.size = candidate.size;
  point.stack_hash = candidate.hash;
  point.key = key;
  point.output_size = view.output_size;
  point.error_size = view.error_size;
  KeepStack(*board, candidate.stack, &point.stack);
  if (point.hazard == SweepHazard::kNone && Fork(point, number)) return true;
  const bool forked = point.hazard == SweepHazard::kNone;
  point.state.store(forked ? SweepPoint::kForked : SweepPoint::kRerun);
  board->point_count.store(number + 1);
  return false;
}

// Whether a request is one that this sweep tries; completes `candidate`.
bool IsWanted(const ErrorRecord& request, const debug::CallerFrame& caller,
              Candidate* candidate) {
  candidate->index = request.failure_index;
  candidate->size = request.claimed_size;
  if (candidate->size < board->min_size || candidate->size > board->max_size) {
    return false;
  }
  candidate->stack = RecordRequestStack(caller);
  if (!filter.empty() && !filter.Matches(candidate->stack)) return false;
  candidate->hash = stack::StackHash(candidate->stack);
  candidate->occurrence =
      stack_counts.Count(candidate->stack, IsResize(request));
  if (candidate->occurrence == 0) board->stacks.fetch_add(1);
  if (!board->by_index && candidate->occurrence >= board->per_stack) {
    return false;
  }
  const uint64_t place = board->by_index ? candidate->index : candidate->hash;
  return place % board->shard_total == board->shard_index;
}

bool ChooseAndFork(const ErrorRecord& request,
                   const debug::CallerFrame& caller) {
  if (!IsOwnProgram() || board->stop.load() != 0) return false;
  choice_lock.Lock();
  CountRequest(request);
  Candidate candidate;
  bool fails = false;
  if (IsWanted(request, caller, &candidate)) {
    if (IsResize(request)) {
      fails = board->resize && MakePoint(candidate, SweepKind::kResize);
    } else {
      fails = (board->once && MakePoint(candidate, SweepKind::kOnce)) ||
              (board->from && MakePoint(candidate, SweepKind::kFrom));
    }
  }
  if (!fails) choice_lock.Unlock();
  return fails;
}

// A rerun: one point, in the program itself.
bool ChooseThePoint(const ErrorRecord& request,
                    const debug::CallerFrame& caller) {
  SweepPoint& point = board->points[0];
  if (!IsOwnProgram() || point.index != request.failure_index ||
      IsResize(request) != (point.kind == SweepKind::kResize) ||
      point.has_failed.load() != 0) {
    return false;
  }
  const uint32_t hash = stack::StackHash(RecordRequestStack(caller));
  NotePointIn(*board, point);
  if (point.stack_hash != hash) point.has_failed.store(2);
  if (point.kind == SweepKind::kFrom) induced_failures.FailFromNowOn();
  return true;
}

SweepBoard* OpenBoard() {
  const char* path = os::GetEnv(fail::kBoardVariable);
  if (path == nullptr || os::IsSecureExecution()) return nullptr;
  void* memory = os::MapSharedFile(path, sizeof(SweepBoard));
  if (memory == nullptr) return nullptr;
  auto* head = static_cast<SweepBoard*>(memory);
  const bool is_ours = head->version == fail::kBoardVersion &&
                       head->program.load() == os::ProcessId() &&
                       head->has_begun.exchange(1) == 0;
  const size_t size = SweepBoard::SizeFor(head->capacity, head->done_count);
  os::UnmapShared(memory, sizeof(SweepBoard));
  return is_ours ? static_cast<SweepBoard*>(os::MapSharedFile(path, size))
                 : nullptr;
}

}  // namespace

void BeginSweep() {
  board = OpenBoard();
  if (board == nullptr) return;
  filter.Set(board->filter);
  switch (board->phase) {
    case SweepPhase::kClean:
      NoteCleanRunIn(*board);
      return induced_failures.SetChooser(&JustCount);
    case SweepPhase::kFork:
      NoteCleanRunIn(*board);
      return induced_failures.SetChooser(&ChooseAndFork);
    case SweepPhase::kPoint:
      return induced_failures.SetChooser(&ChooseThePoint);
    case SweepPhase::kDescribe:
      DescribeStacks(*board);
      os::ExitNow(0);
  }
}

}  // namespace dbgalloc::interpose
