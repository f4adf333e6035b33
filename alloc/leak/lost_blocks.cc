#include "alloc/leak/lost_blocks.h"

namespace dbgalloc::leak {

// Notes which lost blocks another one points into.
class LostBlocks::PointedAt {
 public:
  explicit PointedAt(LostBlocks& lost) : lost_(lost) {}

  bool Next(Range* range) {
    if (next_ == lost_.count_) return false;
    current_ = next_++;
    *range = lost_.BytesOf(current_);
    return true;
  }
  void OnWord(uintptr_t word) {
    const BlockPlace place = lost_.index_.FindUnseen(word);
    if (!place) return;
    const uint32_t number = lost_.NumberOf(place);
    if (number != current_) lost_.pointed_at_[number] = true;
  }

 private:
  LostBlocks& lost_;
  uint32_t next_ = 0;
  uint32_t current_ = 0;
};

// Gives a head everything that it holds and nobody else had before. A ring that
// was thought to hold itself turns out to be held.
class LostBlocks::Flood {
 public:
  Flood(LostBlocks& lost, uint32_t head) : lost_(lost), head_(head) {
    lost_.heads_[head] = head;
    lost_.pending_[pending_++] = head;
  }

  bool Next(Range* range) {
    if (pending_ == 0) return false;
    *range = lost_.BytesOf(lost_.pending_[--pending_]);
    return true;
  }
  void OnWord(uintptr_t word) {
    const BlockPlace place = lost_.index_.FindUnseen(word);
    if (!place) return;
    const uint32_t number = lost_.NumberOf(place);
    uint32_t& head = lost_.heads_[number];
    if (head == kNoHead) {
      head = head_;
      lost_.pending_[pending_++] = number;
    } else if (const uint32_t other = lost_.HeadOf(number);
               other != head_ && lost_.pointed_at_[other]) {
      lost_.heads_[other] = head_;
    }
  }

 private:
  LostBlocks& lost_;
  uint32_t head_;
  uint32_t pending_ = 0;
};

bool LostBlocks::Find(ScanMemory* memory) {
  index_.ForEachUnseen([this](BlockPlace) { ++count_; });
  places_ = memory->Take<BlockPlace>(count_);
  pointed_at_ = memory->Take<bool>(count_);
  heads_ = memory->Take<uint32_t>(count_);
  pending_ = memory->Take<uint32_t>(count_);
  uint32_t* rings = memory->Take<uint32_t>(count_);
  if (count_ == 0) return true;
  if (places_ == nullptr || pointed_at_ == nullptr || heads_ == nullptr ||
      pending_ == nullptr || rings == nullptr) {
    return false;
  }
  uint32_t number = 0;
  const SpanEntry* entry = nullptr;
  index_.ForEachUnseen([&](BlockPlace place) {
    if (place.entry != entry) place.entry->first_lost = number;
    entry = place.entry;
    heads_[number] = kNoHead;
    places_[number++] = place;
  });
  PointedAt pointed_at(*this);
  WordScan<PointedAt>(index_, pointed_at).Run();
  for (uint32_t i = 0; i < count_; ++i) {
    if (!pointed_at_[i]) FloodFrom(i);
  }
  const uint32_t ring_count = SortedRings(rings);
  for (uint32_t i = 0; i < ring_count; ++i) {
    if (heads_[rings[i]] == kNoHead) FloodFrom(rings[i]);
  }
  return true;
}

void LostBlocks::FloodFrom(uint32_t head) {
  Flood flood(*this, head);
  WordScan<Flood>(index_, flood).Run();
}

// What no flood has reached, oldest first.
uint32_t LostBlocks::SortedRings(uint32_t* rings) const {
  uint32_t count = 0;
  for (uint32_t i = 0; i < count_; ++i) {
    if (heads_[i] == kNoHead) rings[count++] = i;
  }
  for (uint32_t gap = count / 2; gap > 0; gap /= 2) {  // Shell's sort
    for (uint32_t i = gap; i < count; ++i) {
      const uint32_t moved = rings[i];
      uint32_t at = i;
      for (; at >= gap && AgeOf(rings[at - gap]) > AgeOf(moved); at -= gap) {
        rings[at] = rings[at - gap];
      }
      rings[at] = moved;
    }
  }
  return count;
}

uint64_t LostBlocks::AgeOf(uint32_t number) const {
  return places_[number].allocation_number();
}

uint32_t LostBlocks::HeadOf(uint32_t number) const {
  while (heads_[number] != number) number = heads_[number];
  return number;
}

uint32_t LostBlocks::NumberOf(BlockPlace place) const {
  uint32_t number = place.entry->first_lost;
  const uint32_t word = place.slot / 64;
  for (uint32_t i = 0; i < word; ++i) {
    number +=
        static_cast<uint32_t>(__builtin_popcountll(place.entry->unseen[i]));
  }
  const uint64_t below = (uint64_t{1} << (place.slot % 64)) - 1;
  return number + static_cast<uint32_t>(
                      __builtin_popcountll(place.entry->unseen[word] & below));
}

Range LostBlocks::BytesOf(uint32_t number) const {
  const uintptr_t begin = index_.UserBegin(places_[number]);
  return {begin, begin + static_cast<size_t>(index_.SizeOf(places_[number]))};
}

}  // namespace dbgalloc::leak
