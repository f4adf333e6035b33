// A leak verdict for any part of a program, in the shape of gperftools' heap
// leak checker (docs/guide.md has a table for moving over).
//
//   dbgalloc::ScopedLeakCheck check("parser");
//   ParseEverything();
//   assert(check.NoLeaks());
#ifndef DBGALLOC_ALLOC_SCOPED_LEAK_CHECK_H_
#define DBGALLOC_ALLOC_SCOPED_LEAK_CHECK_H_

#include <cstdint>

#include "dbgalloc/c_api.h"

namespace dbgalloc {

// What of a region's blocks counts as leaked.
enum class RegionLeaks {
  kLost,      // those that no pointer reaches
  kNotFreed,  // all that live: what caches keep, too
};

// The region begins where this is made. Blocks of all threads count, but for
// those of a LeakCheckDisabler and of suppressions. Regions nest and overlap;
// each answers for all that was allocated since it began. In a program whose
// malloc is not dbgalloc's checking heap nothing is looked for: IsActive().
//
// Threads: one at a time uses an object.
// Cost: making one, nanoseconds; a verdict, microseconds when no block of the
// region lives, else one leak scan while other threads stand still.
class ScopedLeakCheck {
 public:
  // `name` stands in reports and must outlive this.
  explicit ScopedLeakCheck(const char* name,
                           RegionLeaks counted = RegionLeaks::kLost)
      : name_(name),
        rules_(counted == RegionLeaks::kNotFreed ? DBGALLOC_REGION_NOT_FREED
                                                 : 0),
        mark_(IsActive() ? dbgalloc_leak_mark() : 0) {}
  // Gives a verdict where none was asked for.
  ~ScopedLeakCheck() {
    if (!was_asked_) NoLeaks();
  }
  ScopedLeakCheck(const ScopedLeakCheck&) = delete;
  ScopedLeakCheck& operator=(const ScopedLeakCheck&) = delete;

  // Whether somebody looks. True has to be asked for by tests that shall not be
  // green because nobody did.
  static bool IsActive() {
    return &dbgalloc_check_region != nullptr && dbgalloc_is_active() != 0;
  }

  // The verdict so far. Leaks are reported where all reports go, and the
  // program will end with leak_exitcode. As often as one likes.
  bool NoLeaks() { return Look(rules_); }
  // The same, and nothing is written, nor the exit status changed.
  bool BriefNoLeaks() { return Look(rules_ | DBGALLOC_REGION_SILENT); }

  // What the latest verdict found.
  uint64_t BytesLeaked() const { return found_.bytes; }
  uint64_t ObjectsLeaked() const { return found_.blocks; }

 private:
  bool Look(unsigned rules) {
    was_asked_ = true;
    return !IsActive() ||
           dbgalloc_check_region(mark_, name_, rules, &found_) == 0;
  }

  const char* name_;
  unsigned rules_;
  bool was_asked_ = false;
  uint64_t mark_;
  dbgalloc_leaks found_ = {};
};

}  // namespace dbgalloc

#endif  // DBGALLOC_ALLOC_SCOPED_LEAK_CHECK_H_
