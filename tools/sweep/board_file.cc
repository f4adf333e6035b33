#include "tools/sweep/board_file.h"

#include <fcntl.h>
#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <cstring>
#include <new>

#include "alloc/report/error_kind.h"

namespace dbgalloc::sweep {
namespace {

using fail::SweepBoard;

template <size_t kSize>
void Copy(const std::string& text, char (&field)[kSize]) {
  std::strncpy(field, text.c_str(), kSize - 1);
}

}  // namespace

BoardFile::BoardFile(const std::string& folder, uint64_t capacity,
                     std::vector<uint64_t> done)
    : path_(folder + "/board"),
      size_(SweepBoard::SizeFor(capacity, done.size())) {
  const int file = open(path_.c_str(), O_RDWR | O_CREAT | O_TRUNC, 0600);
  if (file < 0) return;
  void* memory = MAP_FAILED;
  if (ftruncate(file, static_cast<off_t>(size_)) == 0) {
    memory = mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  }
  close(file);
  if (memory == MAP_FAILED) return;
  // The points are zero pages, which is what a new point is.
  board_ = new (memory) SweepBoard();
  board_->capacity = capacity;
  board_->done_count = done.size();
  std::sort(done.begin(), done.end());
  std::copy(done.begin(), done.end(), board_->done());
  Copy(folder, board_->folder);
}

BoardFile::~BoardFile() {
  if (board_ != nullptr) munmap(board_, size_);
}

void BoardFile::Take(const SweepPlan& plan) {
  board_->once = plan.once;
  board_->from = plan.from;
  board_->resize = plan.resize;
  board_->by_index = plan.by_index;
  board_->fork = plan.fork;
  board_->per_stack = plan.per_stack;
  board_->shard_index = plan.shard_index;
  board_->shard_total = plan.shard_total;
  board_->min_size = plan.min_size;
  board_->max_size = plan.max_size;
  board_->free_places.store(plan.jobs);
  Copy(plan.filter, board_->filter);
}

void BoardFile::SetOutput(const std::string& output, const std::string& error) {
  struct stat facts = {};
  if (stat(output.c_str(), &facts) == 0) {
    board_->output_device = facts.st_dev;
    board_->output_inode = facts.st_ino;
  }
  if (stat(error.c_str(), &facts) == 0) board_->error_inode = facts.st_ino;
}

void BoardFile::FreePlace() {
  board_->free_places.fetch_add(1);
  syscall(SYS_futex, &board_->free_places, FUTEX_WAKE, INT_MAX, nullptr,
          nullptr, 0);
}

PointFacts FactsOf(const fail::SweepPoint& point) {
  PointFacts facts;
  facts.failed = point.has_failed.load();
  const auto kind = static_cast<ErrorKind>(point.error_kind.load());
  if (kind != ErrorKind::kNone) facts.error_kind = report::InfoOf(kind).slug;
  facts.uncaught_exception = point.uncaught_exception.load() != 0;
  facts.leaked_blocks = point.leaked_blocks.load();
  facts.leaked_bytes = point.leaked_bytes;
  return facts;
}

std::vector<Frame> FramesOf(const SweepBoard& board,
                            const fail::SweepStack& stack) {
  std::vector<Frame> frames;
  for (uint32_t i = 0; i < stack.count && i < fail::kSweepFrames; ++i) {
    Frame frame;
    frame.module = board.modules[stack.frames[i].module % fail::kSweepModules];
    frame.offset = stack.frames[i].offset;
    frames.push_back(std::move(frame));
  }
  return frames;
}

PointResult ResultOf(const SweepBoard& board, const fail::SweepPoint& point) {
  PointResult result;
  result.key = point.key;
  result.kind = point.kind;
  result.hazard = point.hazard;
  result.index = point.index;
  result.size = point.size;
  result.stack_hash = point.stack_hash;
  result.stack = FramesOf(board, point.stack);
  return result;
}

}  // namespace dbgalloc::sweep
