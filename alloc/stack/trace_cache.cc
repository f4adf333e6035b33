#include "alloc/stack/trace_cache.h"

namespace dbgalloc::stack {
namespace {

constexpr auto kRelaxed = std::memory_order_relaxed;

}  // namespace

uint32_t TraceCache::Find(const CallerFrame& from, Settings settings,
                          uintptr_t high) {
  for (Entry& entry : sets_[SetIndex(from)].ways) {
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
    return id;
  }
  return 0;
}

void TraceCache::Insert(const CallerFrame& from, Settings settings,
                        const WalkedWords& words, uint32_t id) {
  if (!words.repeatable()) return;
  Entry* victim = ChooseVictim(sets_[SetIndex(from)]);
  if (victim == nullptr) return;
  Entry& entry = *victim;
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
  entry.uses_frame_pointer.store(words.uses_first_frame_pointer(), kRelaxed);
  entry.walk.store(settings.walk, kRelaxed);
  entry.epoch.store(settings.epoch, kRelaxed);
  entry.count.store(static_cast<uint32_t>(words.count()), kRelaxed);
  for (size_t i = 0; i < words.count(); ++i) {
    entry.offsets[i].store(words.offset(i), kRelaxed);
    entry.values[i].store(words.value(i), kRelaxed);
  }
  entry.is_useful.store(false, kRelaxed);
  entry.sequence.store(sequence + 2, std::memory_order_release);
}

// An entry that was of use is passed over once. When none was, more stacks go
// through this place than it has room for, and writing each of them down would
// be for nothing: then only one in eight is, in case the program has moved on.
TraceCache::Entry* TraceCache::ChooseVictim(Set& set) {
  constexpr uint32_t kUnhurried = 8;
  for (size_t look = 0; look < kWays; ++look) {
    const uint32_t way = set.next_victim.load(kRelaxed) % kWays;
    set.next_victim.store(way + 1, kRelaxed);
    Entry& entry = set.ways[way];
    if (entry.is_useful.load(kRelaxed)) {
      entry.is_useful.store(false, kRelaxed);
      continue;
    }
    const uint32_t insertions = set.insertions.load(kRelaxed);
    set.insertions.store(insertions + 1, kRelaxed);
    if (entry.sequence.load(kRelaxed) == 0) return &entry;
    return insertions % kUnhurried == 0 ? &entry : nullptr;
  }
  return nullptr;
}

uint64_t TraceCache::hits() const {
  uint64_t sum = 0;
  for (const Set& set : sets_) {
    for (const Entry& entry : set.ways) sum += entry.hits.load(kRelaxed);
  }
  return sum;
}

size_t TraceCache::SetIndex(const CallerFrame& from) {
  const uint64_t key = from.program_counter ^ (from.stack_pointer << 20);
  return (key * 0x9e3779b97f4a7c15u) >> 55;
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
[[gnu::no_sanitize("address")]] bool TraceCache::WordsMatch(
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
