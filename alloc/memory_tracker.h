// Who holds memory, by file and line, without unwinding a stack: each
// allocation carries the place it stands at, as a default argument.
//
//   dbgalloc::MemoryTracker memory(dbgalloc::SystemPages());
//   memory.Enable();
//   void* block = memory.Allocate(24, 8);  // this file, this line
//   dbgalloc::LeakReporter(memory).Report();
//
// Built with -DDBGALLOC_MEMORY_TRACKING=0, MemoryTracker is the allocator that
// it stands over and nothing else: same machine code, no call site anywhere.
#ifndef DBGALLOC_ALLOC_MEMORY_TRACKER_H_
#define DBGALLOC_ALLOC_MEMORY_TRACKER_H_

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "dbgalloc/allocator.h"
#include "dbgalloc/call_site.h"
#include "dbgalloc/page_allocator.h"
#include "dbgalloc/tracked_blocks.h"

#ifndef DBGALLOC_MEMORY_TRACKING
#define DBGALLOC_MEMORY_TRACKING 1
#endif

namespace dbgalloc {

// MemoryTracker is one of these two. They are different types, so that parts of
// a program that were built with and without tracking never mix them up.
template <bool kTracking>
class BasicMemoryTracker;

using MemoryTracker = BasicMemoryTracker<DBGALLOC_MEMORY_TRACKING != 0>;

// Passes everything to `inner` and, while it is enabled, remembers each live
// block with its call site. A tracker starts disabled. Only blocks that were
// allocated while it was enabled are known; such a block is forgotten when it
// is deallocated, whether the tracker is enabled then or not, so switching off
// and on again makes no block seem lost.
//
// Threads: as `inner`; any thread may enable and disable at any time.
// Cost: disabled and with no known block left, one load and one branch that is
// always taken the same way. Enabled, a hash table under one of 16 locks.
// Exhaustion: a block that there is no room to remember is handed out all the
// same and counted in missed_blocks().
template <>
class BasicMemoryTracker<true> {
 public:
  // `inner`, and `table`, which the table of blocks is allocated from, must
  // outlive this.
  explicit BasicMemoryTracker(Allocator& inner,
                              Allocator& table = SystemPages())
      : inner_(inner), blocks_(table) {}
  BasicMemoryTracker(const BasicMemoryTracker&) = delete;
  BasicMemoryTracker& operator=(const BasicMemoryTracker&) = delete;

  void Enable() { blocks_.SetEnabled(true); }
  void Disable() { blocks_.SetEnabled(false); }
  bool is_enabled() const { return blocks_.is_enabled(); }

  // As Allocator's functions of these names.
  void* Allocate(size_t size, size_t alignment,
                 CallSite site = CallSite::Current()) {
    if (__builtin_expect(blocks_.is_idle(), 1)) {
      return inner_.Allocate(size, alignment);
    }
    return AllocateAndTrack(size, alignment, site);
  }
  bool Resize(void* block, size_t size, size_t alignment, size_t new_size) {
    if (__builtin_expect(blocks_.is_idle(), 1)) {
      return inner_.Resize(block, size, alignment, new_size);
    }
    return ResizeAndTrack(block, size, alignment, new_size);
  }
  void* Remap(void* block, size_t size, size_t alignment, size_t new_size) {
    if (__builtin_expect(blocks_.is_idle(), 1)) {
      return inner_.Remap(block, size, alignment, new_size);
    }
    return RemapAndTrack(block, size, alignment, new_size);
  }
  void Deallocate(void* block, size_t size, size_t alignment) {
    if (__builtin_expect(!blocks_.is_idle(), 0)) blocks_.Remove(block, nullptr);
    inner_.Deallocate(block, size, alignment);
  }

  size_t live_blocks() const { return blocks_.count(); }
  size_t live_bytes() const { return blocks_.bytes(); }
  // Blocks that were allocated while enabled and for which there was no room.
  size_t missed_blocks() const { return blocks_.missed(); }

  Allocator& inner() const { return inner_; }
  // What is tracked now; null in the form without tracking.
  const TrackedBlocks* tracked_blocks() const { return &blocks_; }

 private:
  void* AllocateAndTrack(size_t size, size_t alignment, const CallSite& site);
  bool ResizeAndTrack(void* block, size_t size, size_t alignment,
                      size_t new_size);
  void* RemapAndTrack(void* block, size_t size, size_t alignment,
                      size_t new_size);

  Allocator& inner_;
  TrackedBlocks blocks_;
};

// The form that is left out of the build: the inner allocator.
template <>
class BasicMemoryTracker<false> {
 public:
  explicit BasicMemoryTracker(Allocator& inner) : inner_(inner) {}
  BasicMemoryTracker(Allocator& inner, Allocator& /*table*/) : inner_(inner) {}
  BasicMemoryTracker(const BasicMemoryTracker&) = delete;
  BasicMemoryTracker& operator=(const BasicMemoryTracker&) = delete;

  void Enable() {}
  void Disable() {}
  bool is_enabled() const { return false; }

  void* Allocate(size_t size, size_t alignment) {
    return inner_.Allocate(size, alignment);
  }
  void* Allocate(size_t size, size_t alignment, const CallSite& /*site*/) {
    return inner_.Allocate(size, alignment);
  }
  bool Resize(void* block, size_t size, size_t alignment, size_t new_size) {
    return inner_.Resize(block, size, alignment, new_size);
  }
  void* Remap(void* block, size_t size, size_t alignment, size_t new_size) {
    return inner_.Remap(block, size, alignment, new_size);
  }
  void Deallocate(void* block, size_t size, size_t alignment) {
    inner_.Deallocate(block, size, alignment);
  }

  size_t live_blocks() const { return 0; }
  size_t live_bytes() const { return 0; }
  size_t missed_blocks() const { return 0; }
  Allocator& inner() const { return inner_; }
  const TrackedBlocks* tracked_blocks() const { return nullptr; }

 private:
  Allocator& inner_;
};

// An Allocator for code that takes one (containers through StlAllocator,
// pools): every block is tracked as the place where this was made.
//
//   dbgalloc::TrackedAllocator memory(tracker);  // this line
//   std::vector<int, dbgalloc::StlAllocator<int>> numbers(memory);
template <bool kTracking>
class BasicTrackedAllocator final : public Allocator {
 public:
  explicit BasicTrackedAllocator(BasicMemoryTracker<kTracking>& tracker,
                                 CallSite site = CallSite::Current())
      : tracker_(tracker), site_(site) {}

  void* Allocate(size_t size, size_t alignment) override {
    return tracker_.Allocate(size, alignment, site_);
  }
  bool Resize(void* block, size_t size, size_t alignment,
              size_t new_size) override {
    return tracker_.Resize(block, size, alignment, new_size);
  }
  void* Remap(void* block, size_t size, size_t alignment,
              size_t new_size) override {
    return tracker_.Remap(block, size, alignment, new_size);
  }
  void Deallocate(void* block, size_t size, size_t alignment) override {
    tracker_.Deallocate(block, size, alignment);
  }
  PageControl* page_control() override {
    return tracker_.inner().page_control();
  }

 private:
  BasicMemoryTracker<kTracking>& tracker_;
  CallSite site_;
};

using TrackedAllocator = BasicTrackedAllocator<DBGALLOC_MEMORY_TRACKING != 0>;

}  // namespace dbgalloc

#endif  // DBGALLOC_ALLOC_MEMORY_TRACKER_H_
