#include "alloc/stack/last_walk.h"

#include <string.h>

#include <algorithm>

#include "alloc/stack/machine_registers.h"
#include "alloc/stack/unwind_walk.h"

namespace dbgalloc::stack {
namespace {

[[gnu::always_inline, gnu::no_sanitize_address]] inline uintptr_t WordAt(
    uintptr_t address) {
  return *reinterpret_cast<const uintptr_t*>(address);
}

// Where the step into a frame with this stack pointer found its return address.
uintptr_t ReturnSlot(uintptr_t stack_pointer) {
  return stack_pointer + static_cast<uintptr_t>(kUsualReturnAddressOffset *
                                                int64_t{sizeof(uintptr_t)});
}

// So many walks in a row that share less than half, and so many of the next
// ones are made without looking.
constexpr uint32_t kPatience = 8;
constexpr uint32_t kLooksSaved = 8;

}  // namespace

// Follows a walk: compares its frames with the known ones, and notes the steps
// between those that are not known.
class LastWalk::Log : public NoLog {
 public:
  Log(LastWalk& known, const CallerFrame& from, size_t max_frames)
      : known_(known),
        max_frames_(max_frames),
        frame_pointer_(from.frame_pointer) {
    FindUnchanged(from.stack_pointer);
  }

  bool is_repeatable() const { return is_repeatable_; }
  // Where the walk met a known frame, and how far those serve; both are
  // kCapacity if it did not.
  size_t joined() const { return joined_; }
  size_t end() const { return end_; }

  void Restart() {
    NotRepeatable();
    count_ = 0;
  }

  [[gnu::always_inline]] bool Reached(WalkRegisters at) {
    if (__builtin_expect(at.stack_pointer >= unchanged_stack_pointer_, 0) &&
        Joins(at)) {
      return true;
    }
    known_.walked_[count_++].stack_pointer = at.stack_pointer;
    return false;
  }

  void FramePointerFrom(uintptr_t address, uintptr_t value) {
    frame_pointer_ = value;
    frame_pointer_slot_ = address;
    frame_pointer_step_ = count_ - 1;
    frames_told_ = count_;
  }

  void FramePointerLost() { FramePointerFrom(0, 0); }

  // Only now does it matter where the frame pointer came from.
  void FramePointerUsed() {
    if (frame_pointer_slot_ != 0) {
      Frame& step = known_.walked_[frame_pointer_step_];
      step.frame_pointer_slot = frame_pointer_slot_;
      step.words |= WordOf(step, frame_pointer_slot_, kFramePointerWord);
    }
    for (; frames_told_ < count_; ++frames_told_) {
      known_.walked_[frames_told_].frame_pointer = frame_pointer_;
      known_.walked_[frames_told_].uses_frame_pointer = true;
    }
  }

  void FrameEndFrom(uintptr_t address) {
    Frame& step = known_.walked_[count_ - 1];
    step.end_slot = address;
    step.words |= WordOf(step, address, kEndWord);
  }

  void StepNotVerifiable() { known_.walked_[count_ - 1].words |= kUnknownWord; }

  void NotRepeatable() {
    is_repeatable_ = false;
    SetUnchanged(kCapacity);
  }

 private:
  // Out of the frame, it may not be there any more when it is looked at again.
  static uint32_t WordOf(const Frame& step, uintptr_t slot, uint32_t word) {
    return slot < step.stack_pointer ? kUnknownWord : word;
  }

  // Before the walk: which known frames have had no change behind them. All
  // their words are read at once, which takes less time than to find out one
  // by one where the walk is among them.
  void FindUnchanged(uintptr_t stack_pointer) {
    size_t frame = known_.first();
    while (frame < kCapacity &&
           known_.frames_[frame].stack_pointer < stack_pointer) {
      ++frame;
    }
    verified_end_ = std::min(frame + max_frames_, kCapacity);
    SetUnchanged(known_.BehindChanges(frame, verified_end_));
  }

  void SetUnchanged(size_t frame) {
    unchanged_ = frame;
    unchanged_stack_pointer_ =
        frame == kCapacity ? UINTPTR_MAX : known_.frames_[frame].stack_pointer;
  }

  // The walk is at or behind the first frame without changes: whether it is at
  // a known one, and enough of them are there.
  bool Joins(WalkRegisters at) {
    size_t frame = unchanged_;
    while (frame < kCapacity &&
           known_.frames_[frame].stack_pointer < at.stack_pointer) {
      ++frame;
    }
    SetUnchanged(frame);
    if (frame == kCapacity || !known_.IsAt(frame, at)) return false;
    const size_t wanted = max_frames_ - count_;
    const size_t end = std::min(frame + wanted, kCapacity);
    const bool is_enough = end - frame == wanted || known_.is_whole_;
    if (!is_enough || !IsVerifiedTo(end)) {
      SetUnchanged(kCapacity);
      return false;
    }
    if (known_.frames_[frame].uses_frame_pointer) FramePointerUsed();
    joined_ = frame;
    end_ = end;
    return true;
  }

  bool IsVerifiedTo(size_t end) {
    if (end <= verified_end_) return true;
    const size_t last = verified_end_ - 1;
    return known_.BehindChanges(last, end) == last;
  }

  LastWalk& known_;
  const size_t max_frames_;
  size_t count_ = 0;
  // The first known frame that the walk may join, and how far from there on the
  // words are known to be unchanged.
  size_t unchanged_ = kCapacity;
  uintptr_t unchanged_stack_pointer_ = UINTPTR_MAX;
  size_t verified_end_ = kCapacity;
  size_t joined_ = kCapacity;
  size_t end_ = kCapacity;
  // The frame pointer, the step that loaded it (slot 0: none), and how many
  // frames were told whether they use one.
  uintptr_t frame_pointer_;
  uintptr_t frame_pointer_slot_ = 0;
  size_t frame_pointer_step_ = 0;
  size_t frames_told_ = 0;
  bool is_repeatable_ = true;
};

bool LastWalk::IsWorthwhile() {
  if (poor_walks_ < kPatience) return true;
  return ++poor_walks_ % kLooksSaved == 0;
}

bool LastWalk::IsAt(size_t frame, const WalkRegisters& at) const {
  const Frame& known = frames_[frame];
  return known.stack_pointer == at.stack_pointer &&
         counters_[frame] == at.program_counter &&
         (!known.uses_frame_pointer || known.frame_pointer == at.frame_pointer);
}

// The first frame from `frame` on behind which, before `end`, no word has
// changed that a step went by.
[[gnu::always_inline]] inline size_t LastWalk::BehindChanges(size_t frame,
                                                             size_t end) const {
  size_t unchanged = frame;
  for (; frame + 1 < end; ++frame) {
    if (HasChanged(frame)) unchanged = frame + 1;
  }
  return unchanged;
}

[[gnu::always_inline]] inline bool LastWalk::HasChanged(size_t frame) const {
  const uintptr_t slot = ReturnSlot(frames_[frame + 1].stack_pointer);
  const bool has_changed =
      PlainReturnAddress(WordAt(slot)) != counters_[frame + 1];
  if (frames_[frame].words == 0) return has_changed;
  return has_changed || OtherWordsChanged(frame);
}

bool LastWalk::OtherWordsChanged(size_t frame) const {
  const Frame& step = frames_[frame];
  const Frame& next = frames_[frame + 1];
  if ((step.words & kUnknownWord) != 0) return true;
  if ((step.words & kFramePointerWord) != 0 &&
      WordAt(step.frame_pointer_slot) != next.frame_pointer) {
    return true;
  }
  return (step.words & kEndWord) != 0 &&
         WordAt(step.end_slot) != next.stack_pointer;
}

// Puts the walked frames before the known one that they led to.
[[gnu::always_inline]] inline LastWalk::Trace LastWalk::Keep(size_t joined,
                                                             size_t end,
                                                             size_t walked) {
  if (joined < walked) {
    const size_t dropped = kCapacity - end;
    DropOutermost(dropped);
    joined += dropped;
    end += dropped;
  }
  const size_t first = joined - walked;
  memcpy(&counters_[first], walked_counters_, walked * sizeof(counters_[0]));
  memcpy(&frames_[first], walked_, walked * sizeof(frames_[0]));
  for (size_t i = joined; i > first; --i) {
    sums_[i - 1] = TraceHash::SumWith(counters_[i - 1], sums_[i]);
  }
  for (size_t i = 0; i < walked; ++i) walked_[i] = Frame();
  size_ = kCapacity - first;
  const size_t count = end - first;
  if (walked * 2 <= count) {
    poor_walks_ = 0;
  } else if (poor_walks_ < kPatience) {
    ++poor_walks_;
  }
  return {&counters_[first], count, walked,
          TraceHash::OfPart(sums_[first], sums_[end], count), true};
}

LastWalk::Trace LastWalk::Drop(size_t walked) {
  TraceHash hash;
  for (size_t i = 0; i < walked; ++i) {
    hash.Add(walked_counters_[i]);
    walked_[i] = Frame();
  }
  return {walked_counters_, walked, walked, hash, false};
}

// Room on the inner side: there is more than a longest trace.
void LastWalk::DropOutermost(size_t count) {
  if (count == 0) return;
  is_whole_ = false;
  const size_t from = first();
  const size_t kept = size_ - count;
  memmove(&counters_[from + count], &counters_[from],
          kept * sizeof(counters_[0]));
  memmove(&frames_[from + count], &frames_[from], kept * sizeof(frames_[0]));
  memmove(&sums_[from + count], &sums_[from], (kept + 1) * sizeof(sums_[0]));
  size_ = kept;
}

LastWalk::Trace LastWalk::Walk(const CallerFrame& from, size_t max_frames,
                               Settings settings, uintptr_t high) {
  if (!(settings == settings_) || high != high_) {
    settings_ = settings;
    high_ = high;
    size_ = 0;
  }
  Log log(*this, from, max_frames);
  const size_t walked =
      WalkStack(from, walked_counters_, max_frames, settings.method, log);
  if (__builtin_expect(!log.is_repeatable(), 0)) return Drop(walked);
  if (log.joined() == kCapacity) {
    size_ = 0;
    is_whole_ = walked < max_frames;
    sums_[kCapacity] = 0;
  }
  return Keep(log.joined(), log.end(), walked);
}

WalkedWords LastWalk::WordsOf(const Trace& trace,
                              const CallerFrame& from) const {
  WalkedWords words(from.stack_pointer);
  if (!trace.is_repeatable || trace.count == 0) {
    words.NotRepeatable();
    return words;
  }
  const auto first = static_cast<size_t>(trace.frames - counters_);
  if (frames_[first].uses_frame_pointer) words.UseFramePointer();
  for (size_t i = first; i + 1 < first + trace.count; ++i) {
    const Frame& step = frames_[i];
    const uintptr_t slot = ReturnSlot(frames_[i + 1].stack_pointer);
    words.Add(slot, WordAt(slot));
    if ((step.words & kUnknownWord) != 0) words.NotRepeatable();
    if ((step.words & kFramePointerWord) != 0) {
      words.Add(step.frame_pointer_slot, WordAt(step.frame_pointer_slot));
    }
    if ((step.words & kEndWord) != 0) {
      words.Add(step.end_slot, WordAt(step.end_slot));
    }
  }
  return words;
}

}  // namespace dbgalloc::stack
