#include "alloc/stack/trace_cache.h"

namespace dbgalloc::stack {
namespace {

constexpr auto kRelaxed = std::memory_order_relaxed;

// Misses in a row after which a place is crowded, and how many looks are then
// saved for each one that is made.
constexpr uint32_t kPatience = 64;
constexpr uint32_t kLooksSaved = 8;

// At a full place, one stack in so many takes the place of another.
constexpr uint32_t kRefusals = 16;

}  // namespace

TraceCache::Place::Place(const CallerFrame& from) {
  const uint64_t key = from.program_counter ^ (from.stack_pointer << 20);
  const uint64_t hash = key * 0x9e3779b97f4a7c15u;
  set = hash >> 55;
  met = (hash >> 43) % kMetPlaces;
  tag = static_cast<uint32_t>(hash >> 8) | 1;
}

bool TraceCache::IsCrowded(const CallerFrame& from) {
  Set& set = sets_[Place(from).set];
  const uint32_t misses = set.misses.load(kRelaxed);
  if (__builtin_expect(misses < kPatience, 1)) return false;
  set.misses.store(misses + 1 == 0 ? kPatience : misses + 1, kRelaxed);
  return misses % kLooksSaved != 0;
}

bool TraceCache::WantsMore(const CallerFrame& from) {
  const Place place(from);
  if (!WasMet(place)) return false;
  Set& set = sets_[place.set];
  for (const std::atomic<uint32_t>& tag : set.tags) {
    if (tag.load(kRelaxed) == 0) return true;
  }
  const uint32_t refusals = set.refusals.load(kRelaxed) + 1;
  set.refusals.store(refusals, kRelaxed);
  return refusals % kRefusals == 0;
}

bool TraceCache::WasMet(const Place& place) {
  const auto mark = static_cast<uint8_t>(place.tag >> 24 | 1);
  if (met_[place.met].load(kRelaxed) == mark) return true;
  met_[place.met].store(mark, kRelaxed);
  return false;
}

uint32_t TraceCache::Find(const CallerFrame& from, Settings settings,
                          uintptr_t high) {
  const Place place(from);
  Set& set = sets_[place.set];
  for (size_t way = 0; way < kWays; ++way) {
    if (set.tags[way].load(kRelaxed) != place.tag) continue;
    Entry& entry = entries_[set.entries[way].load(kRelaxed)];
    if (entry.program_counter.load(kRelaxed) != from.program_counter ||
        entry.stack_pointer.load(kRelaxed) != from.stack_pointer) {
      continue;
    }
    const uint32_t sequence = entry.sequence.load(std::memory_order_acquire);
    if (sequence % 2 != 0 || !Matches(entry, from, settings, high)) continue;
    const uint32_t id = entry.id.load(kRelaxed);
    std::atomic_thread_fence(std::memory_order_acquire);
    if (entry.sequence.load(kRelaxed) != sequence) continue;
    entry.hits.store(entry.hits.load(kRelaxed) + 1, kRelaxed);
    entry.is_useful.store(true, kRelaxed);
    if (set.misses.load(kRelaxed) != 0) set.misses.store(0, kRelaxed);
    return id;
  }
  set.misses.store(set.misses.load(kRelaxed) + 1, kRelaxed);
  return 0;
}

void TraceCache::Insert(const CallerFrame& from, Settings settings,
                        const WalkedWords& words, uint32_t id) {
  if (!words.repeatable()) return;
  const Place place(from);
  Set& set = sets_[place.set];
  const size_t way = ChooseVictim(set);
  Entry* const found = EntryOf(set, way);
  if (found == nullptr) return;
  Entry& entry = *found;
  uint32_t sequence = entry.sequence.load(kRelaxed);
  // Busy: another thread writes it, or the code that a signal interrupted.
  if (sequence % 2 != 0 ||
      !entry.sequence.compare_exchange_strong(sequence, sequence + 1,
                                              std::memory_order_acq_rel)) {
    return;
  }
  std::atomic_thread_fence(std::memory_order_release);
  entry.id.store(id, kRelaxed);
  entry.program_counter.store(from.program_counter, kRelaxed);
  entry.stack_pointer.store(from.stack_pointer, kRelaxed);
  entry.frame_pointer.store(from.frame_pointer, kRelaxed);
  entry.uses_frame_pointer.store(words.uses_frame_pointer(), kRelaxed);
  entry.walk.store(settings.walk, kRelaxed);
  entry.epoch.store(settings.epoch, kRelaxed);
  entry.count.store(static_cast<uint32_t>(words.count()), kRelaxed);
  for (size_t i = 0; i < words.count(); ++i) {
    entry.offsets[i].store(words.offset(i), kRelaxed);
    entry.values[i].store(words.value(i), kRelaxed);
  }
  entry.is_useful.store(false, kRelaxed);
  entry.sequence.store(sequence + 2, std::memory_order_release);
  set.tags[way].store(place.tag, kRelaxed);
}

// The entry that the place has, from now on at least. Null: none is left, since
// threads that took one at the same moment lost theirs.
TraceCache::Entry* TraceCache::EntryOf(Set& set, size_t way) {
  uint16_t number = set.entries[way].load(kRelaxed);
  if (number != 0) return &entries_[number];
  if (entries_taken_.load(kRelaxed) >= kLastEntry) return nullptr;
  const uint32_t taken = entries_taken_.fetch_add(1, kRelaxed) + 1;
  if (taken > kLastEntry) return nullptr;
  const bool is_first = set.entries[way].compare_exchange_strong(
      number, static_cast<uint16_t>(taken), kRelaxed);
  return &entries_[is_first ? taken : number];
}

// In turn, but an entry that was of use is passed over once.
size_t TraceCache::ChooseVictim(Set& set) {
  for (;;) {
    const uint32_t way = set.next_victim.load(kRelaxed) % kWays;
    set.next_victim.store(way + 1, kRelaxed);
    if (set.tags[way].load(kRelaxed) == 0) return way;
    Entry& entry = entries_[set.entries[way].load(kRelaxed)];
    if (!entry.is_useful.load(kRelaxed)) return way;
    entry.is_useful.store(false, kRelaxed);
  }
}

uint64_t TraceCache::hits() const {
  uint64_t sum = 0;
  size_t last = entries_taken_.load(kRelaxed);
  if (last > kLastEntry) last = kLastEntry;
  for (size_t i = 1; i <= last; ++i) sum += entries_[i].hits.load(kRelaxed);
  return sum;
}

bool TraceCache::Matches(const Entry& entry, const CallerFrame& from,
                         Settings settings, uintptr_t high) {
  const Settings entry_settings{entry.walk.load(kRelaxed),
                                entry.epoch.load(kRelaxed)};
  if (!(entry_settings == settings)) return false;
  if (entry.uses_frame_pointer.load(kRelaxed) &&
      entry.frame_pointer.load(kRelaxed) != from.frame_pointer) {
    return false;
  }
  return WordsMatch(entry, from.stack_pointer, high);
}

// Offsets are checked one by one: an entry that is being rewritten may show
// some that were never meant for this stack.
[[gnu::no_sanitize_address]] bool TraceCache::WordsMatch(
    const Entry& entry, uintptr_t stack_pointer, uintptr_t high) {
  const uintptr_t readable = high - stack_pointer - (sizeof(uintptr_t) - 1);
  const size_t count = entry.count.load(kRelaxed);
  for (size_t i = 0; i < count && i < WalkedWords::kCapacity; ++i) {
    const uint32_t offset = entry.offsets[i].load(kRelaxed);
    if (offset >= readable) return false;
    const auto* word =
        reinterpret_cast<const uintptr_t*>(stack_pointer + offset);
    if (*word != entry.values[i].load(kRelaxed)) return false;
  }
  return true;
}

}  // namespace dbgalloc::stack
