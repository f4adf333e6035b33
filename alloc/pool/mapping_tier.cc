#include "alloc/pool/mapping_tier.h"

#include "alloc/os/pages.h"
#include "alloc/pool/pool_lock.h"

namespace dbgalloc::pool {
namespace {

// Records come in pages of their own.
constexpr size_t kRecordPages = size_t{64} << 10;

}  // namespace

// --- Records; all under the lock ---

MappingTier::Record* MappingTier::NewRecord() {
  if (free_records_ == nullptr) {
    void* pages = os::MapPages(kRecordPages, os::PageSize());
    if (pages == nullptr) return nullptr;
    *static_cast<void**>(pages) = record_pages_;
    record_pages_ = pages;
    Record* records = static_cast<Record*>(pages);
    // The first one's place holds the link.
    for (size_t i = 1; i < kRecordPages / sizeof(Record); ++i) {
      records[i].next = free_records_;
      free_records_ = &records[i];
    }
  }
  Record* record = free_records_;
  free_records_ = record->next;
  return record;
}

bool MappingTier::Insert(const Mapping& mapping) {
  PoolLockHolder holder(lock_);
  Record* record = NewRecord();
  if (record == nullptr) return false;
  if (!units_->Set(mapping.begin, mapping.mapped, kMapping)) {
    record->next = free_records_;
    free_records_ = record;
    return false;
  }
  Record*& bucket = live_[BucketOf(mapping.begin)];
  record->mapping = mapping;
  record->next = bucket;
  bucket = record;
  return true;
}

Mapping MappingTier::Remove(uintptr_t begin) {
  PoolLockHolder holder(lock_);
  for (Record** at = &live_[BucketOf(begin)]; *at != nullptr;
       at = &(*at)->next) {
    Record* record = *at;
    if (record->mapping.begin != begin) continue;
    *at = record->next;
    record->next = free_records_;
    free_records_ = record;
    return record->mapping;
  }
  return {};
}

// A record was just set free, so there is one.
void MappingTier::PutBack(const Mapping& mapping) { Insert(mapping); }

Mapping MappingTier::FindAt(uintptr_t begin) {
  PoolLockHolder holder(lock_);
  for (Record* at = live_[BucketOf(begin)]; at != nullptr; at = at->next) {
    if (at->mapping.begin == begin) return at->mapping;
  }
  return {};
}

Mapping MappingTier::Find(uintptr_t address) {
  PoolLockHolder holder(lock_);
  for (Record* bucket : live_) {
    for (Record* at = bucket; at != nullptr; at = at->next) {
      if (address - at->mapping.begin < at->mapping.mapped) return at->mapping;
    }
  }
  return {};
}

Mapping MappingTier::FindRecent(uintptr_t address) {
  PoolLockHolder holder(lock_);
  size_t count = recent_count_.load(std::memory_order_relaxed);
  for (size_t i = 0; i < count; ++i) {
    const Mapping& mapping = recent_[i].mapping;
    if (address - mapping.begin < mapping.mapped) return mapping;
  }
  return {};
}

void MappingTier::ForEach(void (*visit)(void* context, const Mapping& mapping),
                          void* context) {
  PoolLockHolder holder(lock_);
  for (Record* bucket : live_) {
    for (Record* at = bucket; at != nullptr; at = at->next) {
      visit(context, at->mapping);
    }
  }
}

// --- Taking ---

// The newest that fits with at most an eighth to spare.
Mapping MappingTier::TakeRecent(const Mapping& wanted) {
  if (!has_garbage()) return {};
  PoolLockHolder holder(lock_);
  size_t count = recent_count_.load(std::memory_order_relaxed);
  for (size_t i = count; i-- > 0;) {
    Mapping found = recent_[i].mapping;
    if (found.mapped < wanted.mapped ||
        found.mapped - wanted.mapped > wanted.mapped / 8 ||
        found.begin % wanted.alignment != 0) {
      continue;
    }
    for (size_t j = i + 1; j < count; ++j) recent_[j - 1] = recent_[j];
    recent_count_.store(count - 1, std::memory_order_relaxed);
    recent_bytes_ -= found.mapped;
    return found;
  }
  return {};
}

Mapping MappingTier::MapNew(const Mapping& wanted) {
  size_t alignment =
      wanted.alignment < kUnitSize ? kUnitSize : wanted.alignment;
  Mapping mapping = wanted;
  mapping.begin =
      reinterpret_cast<uintptr_t>(memory_->Map(wanted.mapped, alignment));
  mapping.fresh = true;
  return mapping;
}

Mapping MappingTier::Take(const Mapping& wanted) {
  Mapping taken = wanted;
  taken.mapped = RoundUpToPages(wanted.size == 0 ? 1 : wanted.size);
  if (taken.mapped < wanted.size || taken.mapped > PTRDIFF_MAX) return {};
  Mapping recent = TakeRecent(taken);
  if (recent.begin != 0) {
    taken.begin = recent.begin;
    taken.mapped = recent.mapped;
    taken.fresh = false;
  } else {
    taken = MapNew(taken);
    if (taken.begin == 0) return {};
  }
  if (Insert(taken)) return taken;
  memory_->Unmap(reinterpret_cast<void*>(taken.begin), taken.mapped);
  return {};
}

// --- Giving back ---

// The map forgets the range first: whoever gets the addresses next may be
// another mapping of this pool.
void MappingTier::Unmap(const Mapping& mapping) {
  {
    PoolLockHolder holder(lock_);
    units_->Set(mapping.begin, mapping.mapped, kNotOurs);
  }
  memory_->Unmap(reinterpret_cast<void*>(mapping.begin), mapping.mapped);
}

void MappingTier::GiveBack(const Mapping& mapping) {
  Mapping gone[kMaxRecent + 1];
  size_t gone_count = 0;
  {
    PoolLockHolder holder(lock_);
    size_t count = recent_count_.load(std::memory_order_relaxed);
    size_t from = 0;  // older ones make room
    while (from < count && (count - from == kMaxRecent ||
                            recent_bytes_ + mapping.mapped > kRecentBytes)) {
      recent_bytes_ -= recent_[from].mapping.mapped;
      gone[gone_count++] = recent_[from++].mapping;
    }
    for (size_t i = from; i < count; ++i) recent_[i - from] = recent_[i];
    count -= from;
    if (mapping.mapped <= kRecentBytes) {
      recent_[count++] = {mapping, false};
      recent_bytes_ += mapping.mapped;
    } else {
      gone[gone_count++] = mapping;
    }
    recent_count_.store(count, std::memory_order_relaxed);
  }
  for (size_t i = 0; i < gone_count; ++i) Unmap(gone[i]);
}

size_t MappingTier::Purge(bool all) {
  Mapping gone[kMaxRecent];
  size_t gone_count = 0;
  {
    PoolLockHolder holder(lock_);
    size_t count = recent_count_.load(std::memory_order_relaxed);
    size_t kept = 0;
    for (size_t i = 0; i < count; ++i) {
      if (all || recent_[i].seen) {
        recent_bytes_ -= recent_[i].mapping.mapped;
        gone[gone_count++] = recent_[i].mapping;
        continue;
      }
      recent_[kept] = recent_[i];
      recent_[kept++].seen = true;
    }
    recent_count_.store(kept, std::memory_order_relaxed);
  }
  size_t purged = 0;
  for (size_t i = 0; i < gone_count; ++i) {
    purged += gone[i].mapped;
    Unmap(gone[i]);
  }
  return purged;
}

// --- Resizing ---

bool MappingTier::ResizeInPlace(Mapping& mapping, size_t new_mapped) {
  void* begin = reinterpret_cast<void*>(mapping.begin);
  if (new_mapped < mapping.mapped) {
    uintptr_t end = mapping.begin + new_mapped;
    uintptr_t unit_end = (end + kUnitSize - 1) & ~(kUnitSize - 1);
    PoolLockHolder holder(lock_);
    if (unit_end < mapping.begin + mapping.mapped) {
      units_->Set(unit_end, mapping.begin + mapping.mapped - unit_end,
                  kNotOurs);
    }
    os::ReleasePages(reinterpret_cast<void*>(end), mapping.mapped - new_mapped);
  } else if (new_mapped > mapping.mapped &&
             !os::GrowInPlace(begin, mapping.mapped, new_mapped)) {
    return false;
  }
  mapping.mapped = new_mapped;
  return true;
}

// Page tables move, bytes do not.
Mapping MappingTier::Move(const Mapping& mapping, size_t new_mapped) {
  Mapping target = mapping;
  target.mapped = new_mapped;
  target = MapNew(target);
  if (target.begin == 0) return {};
  if (!os::MoveContents(reinterpret_cast<void*>(mapping.begin),
                        reinterpret_cast<void*>(target.begin),
                        mapping.mapped)) {
    memory_->Unmap(reinterpret_cast<void*>(target.begin), new_mapped);
    return {};
  }
  Unmap(mapping);
  return target;
}

Mapping MappingTier::Resize(const Mapping& mapping, size_t new_size,
                            bool may_move) {
  Mapping resized = mapping;
  size_t new_mapped = RoundUpToPages(new_size == 0 ? 1 : new_size);
  bool sane = new_mapped >= new_size && new_mapped <= PTRDIFF_MAX;
  if (!sane || !ResizeInPlace(resized, new_mapped)) {
    resized = sane && may_move ? Move(mapping, new_mapped) : Mapping();
  }
  if (resized.begin == 0) {
    PutBack(mapping);
    return {};
  }
  resized.size = new_size;
  resized.state = LiveState(new_size, MakerOf(mapping.state));
  PutBack(resized);
  return resized;
}

void MappingTier::Destroy() {
  Purge(true);
  for (Record*& bucket : live_) {
    for (Record* at = bucket; at != nullptr; at = at->next) {
      memory_->Unmap(reinterpret_cast<void*>(at->mapping.begin),
                     at->mapping.mapped);
    }
    bucket = nullptr;
  }
  while (record_pages_ != nullptr) {
    void* pages = record_pages_;
    record_pages_ = *static_cast<void**>(pages);
    os::ReleasePages(pages, kRecordPages);
  }
  free_records_ = nullptr;
}

}  // namespace dbgalloc::pool
