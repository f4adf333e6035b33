// Recognizes a stack that was walked before, without walking it.
//
// What a walk finds is determined by where it starts and by the words of the
// stack it went by: return addresses and saved frame pointers. An entry holds
// all of them. When the next capture starts at the same place and every one of
// those words is unchanged, the trace is the same, and so is its id. The words
// are compared independently of each other, while a walk has to wait for each
// one to know where the next is.
//
//   (pc, sp) --hash--> 4 tags --> 4 entries: { pc, sp, words: offset, value; id
//   }
//
// Tags lie close together and are looked at first, and a stack is remembered
// when it is met again: one that comes once touches no entry. Places in the
// table get entries in the order in which they are first needed, so that a few
// stacks take few pages.
#ifndef DBGALLOC_ALLOC_STACK_TRACE_CACHE_H_
#define DBGALLOC_ALLOC_STACK_TRACE_CACHE_H_

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "alloc/stack/caller_frame.h"

namespace dbgalloc::stack {

// The words that a walk went by.
class WalkedWords {
 public:
  static constexpr size_t kCapacity = 40;

  explicit WalkedWords(uintptr_t stack_pointer)
      : stack_pointer_(stack_pointer) {}

  void Add(uintptr_t address, uintptr_t value) {
    const uintptr_t offset = address - stack_pointer_;
    if (count_ == kCapacity || offset > UINT32_MAX) {
      repeatable_ = false;
      return;
    }
    offsets_[count_] = static_cast<uint32_t>(offset);
    values_[count_++] = value;
  }

  // The walk depended on the frame pointer that it started with.
  void UseFramePointer() { uses_frame_pointer_ = true; }

  // It depended on something else besides.
  void NotRepeatable() { repeatable_ = false; }

  bool repeatable() const { return repeatable_; }
  bool uses_frame_pointer() const { return uses_frame_pointer_; }
  size_t count() const { return count_; }
  uint32_t offset(size_t i) const { return offsets_[i]; }
  uintptr_t value(size_t i) const { return values_[i]; }

 private:
  uintptr_t stack_pointer_;
  size_t count_ = 0;
  bool uses_frame_pointer_ = false;
  bool repeatable_ = true;
  uint32_t offsets_[kCapacity];
  uintptr_t values_[kCapacity];
};

// Shared by all threads: stacks do not overlap, so (pc, sp) tells threads
// apart, and each thread meets its own entries. An entry is read under its
// sequence number: odd, or changed meanwhile, and it is no hit.
// Threads: any, signal handlers included. Memory: 1.2 MiB, touched as used.
class TraceCache {
 public:
  // What else the trace depends on.
  struct Settings {
    uint32_t walk = 0;   // method and length
    uint32_t epoch = 0;  // of the unwind rows
    bool operator==(const Settings&) const = default;
  };

  constexpr TraceCache() = default;
  TraceCache(const TraceCache&) = delete;
  TraceCache& operator=(const TraceCache&) = delete;

  // Whether looking is not worth its while: more stacks go through this place
  // than it has room for, and none was found in a long time. Says no now and
  // then, in case the program has moved on.
  bool IsCrowded(const CallerFrame& from);

  // Whether a stack that begins here, and was not found, is worth remembering:
  // one like it was met before, as far as is known, and there is room; where
  // there is not, now and then, so that what is held may be found meanwhile.
  bool WantsMore(const CallerFrame& from);

  // The id that was inserted for this very stack; 0: not known. `high` ends
  // the calling thread's stack, on which `from` lies.
  uint32_t Find(const CallerFrame& from, Settings settings, uintptr_t high);

  void Insert(const CallerFrame& from, Settings settings,
              const WalkedWords& words, uint32_t id);

  // How often Find() found something, approximately.
  uint64_t hits() const;

 private:
  static constexpr size_t kWays = 4;
  static constexpr size_t kSets = 512;
  static constexpr size_t kLastEntry = kSets * kWays - 1;

  struct alignas(64) Entry {
    std::atomic<uint32_t> sequence{0};
    std::atomic<uint32_t> id{0};
    std::atomic<uintptr_t> program_counter{0};
    std::atomic<uintptr_t> stack_pointer{0};
    std::atomic<uintptr_t> frame_pointer{0};
    std::atomic<uint32_t> walk{0};
    std::atomic<uint32_t> epoch{0};
    std::atomic<uint32_t> count{0};
    std::atomic<bool> uses_frame_pointer{false};
    std::atomic<bool> is_useful{false};  // was found since it was last judged
    std::atomic<uint64_t> hits{0};
    std::atomic<uint32_t> offsets[WalkedWords::kCapacity] = {};
    std::atomic<uintptr_t> values[WalkedWords::kCapacity] = {};
  };
  struct Set {
    std::atomic<uint32_t> tags[kWays] = {};     // 0: no entry there
    std::atomic<uint16_t> entries[kWays] = {};  // their numbers
    std::atomic<uint32_t> next_victim{0};
    std::atomic<uint32_t> misses{0};  // since the last hit
    std::atomic<uint32_t> refusals{0};
  };
  // Where (pc, sp) leads to, and what tells it from most others there.
  struct Place {
    explicit Place(const CallerFrame& from);
    size_t set;
    size_t met;
    uint32_t tag;
  };

  bool WasMet(const Place& place);
  size_t ChooseVictim(Set& set);
  Entry* EntryOf(Set& set, size_t way);
  static bool Matches(const Entry& entry, const CallerFrame& from,
                      Settings settings, uintptr_t high);
  static bool WordsMatch(const Entry& entry, uintptr_t stack_pointer,
                         uintptr_t high);

  static constexpr size_t kMetPlaces = 4096;

  Set sets_[kSets] = {};
  std::atomic<uint8_t> met_[kMetPlaces] = {};
  std::atomic<uint32_t> entries_taken_{0};  // the first has number 1
  Entry entries_[kLastEntry + 1] = {};
};

}  // namespace dbgalloc::stack

#endif  // DBGALLOC_ALLOC_STACK_TRACE_CACHE_H_
