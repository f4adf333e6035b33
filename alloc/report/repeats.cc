#include "alloc/report/repeats.h"

namespace dbgalloc::report {
namespace {

uint64_t Mix(uint64_t hash, uint64_t value) {
  hash = (hash ^ value) * 0x9e3779b97f4a7c15;
  return hash ^ (hash >> 32);
}

}  // namespace

// 64 bits stand for the whole: two different errors in a process meet with a
// chance of one in 2^44 at a full table.
uint64_t ErrorKey(const ErrorRecord& record) {
  uint64_t key = Mix(1, static_cast<uint64_t>(record.kind));
  key = Mix(key, static_cast<uint64_t>(record.operation));
  key = Mix(key, record.now.stack);
  key = Mix(key, record.block.freed.stack);
  key = Mix(key, record.block.resized.stack);
  key = Mix(key, record.block.allocated.stack);
  key = Mix(key, static_cast<uint64_t>(record.death_signal));
  if (record.now.stack == 0) key = Mix(key, record.address);
  return key == 0 ? 1 : key;
}

uint64_t Repeats::Count(const ErrorRecord& record) {
  const uint64_t key = ErrorKey(record);
  for (size_t i = 0; i < kCapacity; ++i) {
    Entry& entry = entries_[(key + i) % kCapacity];
    if (entry.key == 0) entry.key = key;
    if (entry.key != key) continue;
    if (++entry.count > 1) ++total_repeated_;
    return entry.count;
  }
  return 1;
}

void Repeats::Clear() {
  for (Entry& entry : entries_) entry = {};
  total_repeated_ = 0;
}

}  // namespace dbgalloc::report
