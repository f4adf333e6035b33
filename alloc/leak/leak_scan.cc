#include "alloc/leak/leak_scan.h"

#include "alloc/leak/lost_blocks.h"
#include "alloc/os/clock.h"
#include "alloc/os/pages.h"

namespace dbgalloc::leak {
namespace {

class Scan {
 public:
  explicit Scan(const ScanTask& task)
      : task_(task),
        roots_(task.sources, *task.heap, foreign_),
        mark_(index_, foreign_) {}

  void Run() {
    const uint64_t start = os::MonotonicNanoseconds();
    task_.findings->complete = Prepare() && FindLost();
    task_.findings->scan_nanoseconds = os::MonotonicNanoseconds() - start;
  }

 private:
  bool Prepare() {
    if (!index_.Build(task_.heap, &memory_) || !foreign_.Read(&memory_)) {
      return false;
    }
    bool excluded = true;
    const auto exclude = [&](uintptr_t begin, uintptr_t end) {
      excluded = foreign_.Exclude(begin, end) && excluded;
    };
    // There may be an inaccessible page on either side.
    const auto exclude_apart = [&](uintptr_t begin, uintptr_t end) {
      const uintptr_t page = os::PageSize();
      exclude((begin & ~(page - 1)) - page,
              ((end + page - 1) & ~(page - 1)) + page);
    };
    task_.heap->store().ForEachMetadataPiece(exclude_apart);
    exclude_apart(task_.heap_object.begin, task_.heap_object.end);
    roots_.ExcludeFromForeign();
    const size_t roots = roots_.most();
    const bool published = foreign_.Publish(&index_);
    const bool reserved = mark_.Reserve(roots, &memory_);
    // Last: by now all memory was taken but that for lost blocks.
    memory_.ForEachPiece(exclude);
    return excluded && published && reserved;
  }

  bool FindLost() {
    roots_.PushAll(&mark_);
    SeeThose([](BlockPlace place) {
      return (place.record().leak_marks() & heap::kLeakIgnored) != 0;
    });
    mark_.Run();
    roots_.SeeLocalsTables(&mark_);
    // Known already, with what they hold; or older than what is asked for.
    SeeThose([this](BlockPlace place) {
      if (place.allocation_number() < task_.first_number) return true;
      return !task_.tells_again &&
             (place.record().leak_marks() & heap::kLeakReported) != 0;
    });
    mark_.Run();
    task_.findings->withheld = SeeWhatUnstoppedThreadsMayHold();
    task_.findings->unreadable_bytes = mark_.unreadable();
    LostBlocks lost(index_);
    if (!lost.Find(&memory_)) return false;
    for (uint32_t i = 0; i < lost.count(); ++i) {
      List(lost[i], lost.HeadOf(i));
    }
    task_.findings->lost = task_.findings->listed;
    if (task_.list_reachable) ListReachable();
    return true;
  }

  // Nobody knows what is in the registers of a thread that was not stopped:
  // what it allocated counts as reached. Returns how many blocks that are.
  uint64_t SeeWhatUnstoppedThreadsMayHold() {
    const os::ThreadStop* threads = task_.sources.threads;
    uint64_t held = 0;
    for (size_t i = 0; threads != nullptr && i < threads->size(); ++i) {
      const os::OtherThread& other = (*threads)[i];
      if (other.outcome == os::StopOutcome::kStopped) continue;
      held += SeeThose([&](BlockPlace place) {
        return place.record().alloc_thread == other.thread;
      });
    }
    mark_.Run();
    return held;
  }

  // Counts unseen blocks that the predicate wants as reached.
  template <typename Predicate>
  uint64_t SeeThose(const Predicate& wanted) {
    uint64_t seen = 0;
    index_.ForEachUnseen([&](BlockPlace place) {
      if (!wanted(place)) return;
      mark_.See(place);
      ++seen;
    });
    return seen;
  }

  void List(BlockPlace place, uint32_t head) {
    ScanFindings& findings = *task_.findings;
    if (findings.listed == task_.list_capacity) {
      ++findings.unlisted;
      return;
    }
    task_.list[findings.listed++] = {place.entry->span, place.slot, head};
  }

  // Every live block that is not unseen. Those that a check has reported before
  // are not: they are lost.
  void ListReachable() {
    index_.ForEachSeen([this](BlockPlace place) {
      if ((place.record().leak_marks() & heap::kLeakReported) == 0) {
        List(place, ListedBlock::kReachable);
      }
    });
  }

  const ScanTask& task_;
  ScanMemory memory_;
  BlockIndex index_;
  ForeignMemory foreign_;
  Roots roots_;
  Mark mark_;
};

}  // namespace

void RunScan(const ScanTask& task) { Scan(task).Run(); }

}  // namespace dbgalloc::leak
