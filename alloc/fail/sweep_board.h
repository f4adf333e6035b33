// What a sweep of a whole program is steered by and reports to: memory that the
// tool, the program under the sweep and every process forked from it share.
//
//   tool:    makes the file, starts the program with DBGALLOC_SWEEP_BOARD=path
//   program: publishes points; forks a process for each, or asks for a rerun
//   forked:  notes in its point what dbgalloc saw of it
//
// Plain data: both sides are of one build.
#ifndef DBGALLOC_ALLOC_FAIL_SWEEP_BOARD_H_
#define DBGALLOC_ALLOC_FAIL_SWEEP_BOARD_H_

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace dbgalloc::fail {

inline constexpr char kBoardVariable[] = "DBGALLOC_SWEEP_BOARD";
inline constexpr uint64_t kBoardVersion = 0x5bad0a7d00000001;

enum class SweepPhase : uint32_t {
  kClean,     // nothing fails; leaks are those that are always there
  kFork,      // forks at each point
  kPoint,     // a rerun: one point fails in the program itself
  kDescribe,  // no run at all: names are looked up for frames
};

// What fails. The order is that of dbgalloc::FailureMode.
enum class SweepKind : uint8_t { kOnce, kFrom, kResize };

// Why a point was not forked.
enum class SweepHazard : uint8_t {
  kNone,
  kThread,   // a second thread lives
  kFile,     // a regular file is open for writing
  kChannel,  // a socket, pipe, or anything else that two would share
  kLock,     // a lock on a file
  kMapping,  // memory shared with a file or another process
  kNoFork,   // the kernel refused, or nobody asked for it
  kEffect,   // the forked process was about to change something outside
};

// A program counter as any process can understand it.
struct SweepFrame {
  uint64_t offset = 0;
  uint32_t module = 0;  // in SweepBoard::modules
};

inline constexpr size_t kSweepFrames = 16;

struct SweepStack {
  uint32_t count = 0;
  SweepFrame frames[kSweepFrames];
};

struct SweepPoint {
  enum State : uint32_t { kFree, kForked, kRerun };

  // Stored last by the program.
  std::atomic<uint32_t> state{kFree};
  SweepKind kind = SweepKind::kOnce;
  SweepHazard hazard = SweepHazard::kNone;
  int32_t process = 0;
  uint64_t index = 0;        // of the allocation or resize
  uint64_t size = 0;         // that was asked for
  uint32_t stack_hash = 0;   // the same in every run
  uint64_t key = 0;          // SweepKey()
  uint64_t output_size = 0;  // on standard output at the fork
  uint64_t error_size = 0;
  SweepStack stack;

  // What the process that failed noted.
  std::atomic<uint32_t> has_failed{0};
  std::atomic<uint32_t> wants_rerun{0};
  std::atomic<uint32_t> error_kind{0};  // dbgalloc::ErrorKind; 0: none
  std::atomic<uint32_t> uncaught_exception{0};
  std::atomic<uint64_t> leaked_blocks{0};
  uint64_t leaked_bytes = 0;
  SweepStack other;  // of the death, the error or the largest leak
};

inline constexpr size_t kSweepModules = 256;
inline constexpr size_t kSweepBaselineLeaks = 4096;

struct SweepBoard {
  uint64_t version = kBoardVersion;

  // The tool's wishes.
  std::atomic<int32_t> program{0};  // process id; others leave the board alone
  SweepPhase phase = SweepPhase::kClean;
  bool once = true;
  bool from = true;
  bool resize = true;
  bool by_index = false;
  bool fork = true;  // false: each point is a rerun
  uint32_t per_stack = 1;
  uint64_t shard_index = 0;
  uint64_t shard_total = 1;
  uint64_t min_size = 0;
  uint64_t max_size = UINT64_MAX;
  char filter[256] = {};
  char folder[512] = {};  // forked processes write their output here
  // Captured output of the program: forked processes have files of their own.
  uint64_t output_device = 0;
  uint64_t output_inode = 0;
  uint64_t error_inode = 0;
  uint64_t capacity = 0;  // of points
  // Keys of points that need not be tried, rising, behind the points.
  uint64_t done_count = 0;
  // How many more processes may live; the program waits while it is 0.
  std::atomic<int32_t> free_places{0};
  std::atomic<uint32_t> stop{0};  // no more points

  // The program's news.
  std::atomic<uint32_t> has_begun{0};  // main, under dbgalloc
  std::atomic<uint64_t> allocations{0};
  std::atomic<uint64_t> resizes{0};
  std::atomic<uint64_t> stacks{0};
  std::atomic<uint64_t> fork_nanoseconds{0};
  std::atomic<uint64_t> forks{0};
  std::atomic<uint32_t> clean_error{0};     // ErrorKind without any failure
  std::atomic<uint32_t> has_overflowed{0};  // there were more points than room
  std::atomic<uint32_t> baseline_leaks{0};
  uint32_t baseline[kSweepBaselineLeaks] = {};  // hashes of their stacks
  std::atomic<uint32_t> module_count{0};
  char modules[kSweepModules][256] = {};
  std::atomic<uint64_t> point_count{0};
  SweepPoint points[1];  // `capacity` of them

  static constexpr size_t SizeFor(uint64_t capacity, uint64_t done_count);
  uint64_t* done() { return reinterpret_cast<uint64_t*>(points + capacity); }
};

constexpr size_t SweepBoard::SizeFor(uint64_t capacity, uint64_t done_count) {
  return sizeof(SweepBoard) + capacity * sizeof(SweepPoint) +
         done_count * sizeof(uint64_t);
}

// Names a point in every sweep of the same program: by its index, or by its
// stack and how often that stack came before.
constexpr uint64_t SweepKey(SweepKind kind, uint64_t place,
                            uint64_t occurrence) {
  uint64_t key = (place + 1) * 0x9e3779b97f4a7c15u;
  key = (key ^ (key >> 32) ^ occurrence) * 0xbf58476d1ce4e5b9u;
  return (key ^ (key >> 29)) * 4 + static_cast<uint64_t>(kind);
}

}  // namespace dbgalloc::fail

#endif  // DBGALLOC_ALLOC_FAIL_SWEEP_BOARD_H_
