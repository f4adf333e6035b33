// The board of one run, in a file that the program maps too.
#ifndef DBGALLOC_TOOLS_SWEEP_BOARD_FILE_H_
#define DBGALLOC_TOOLS_SWEEP_BOARD_FILE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "alloc/fail/sweep_board.h"
#include "tools/sweep/judge.h"
#include "tools/sweep/sweep_plan.h"

namespace dbgalloc::sweep {

// Mapped as long as this lives; the file stays, for the folder's owner.
class BoardFile {
 public:
  // In `folder`, which is also where forked processes write. `done` are keys.
  BoardFile(const std::string& folder, uint64_t capacity,
            std::vector<uint64_t> done = {});
  ~BoardFile();
  BoardFile(const BoardFile&) = delete;
  BoardFile& operator=(const BoardFile&) = delete;

  // False: there was no room for it.
  bool ok() const { return board_ != nullptr; }
  fail::SweepBoard* operator->() { return board_; }
  fail::SweepBoard& operator*() { return *board_; }

  const std::string& path() const { return path_; }

  // What the plan says that points are to be.
  void Take(const SweepPlan& plan);
  // Forked processes do not write to these files.
  void SetOutput(const std::string& output, const std::string& error);
  // One more process may live.
  void FreePlace();

 private:
  std::string path_;
  size_t size_ = 0;
  fail::SweepBoard* board_ = nullptr;
};

PointFacts FactsOf(const fail::SweepPoint& point);

// Frames by module and offset, without names.
std::vector<Frame> FramesOf(const fail::SweepBoard& board,
                            const fail::SweepStack& stack);

// What is known of a point before it was run.
PointResult ResultOf(const fail::SweepBoard& board,
                     const fail::SweepPoint& point);

}  // namespace dbgalloc::sweep

#endif  // DBGALLOC_TOOLS_SWEEP_BOARD_FILE_H_
