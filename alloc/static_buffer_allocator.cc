#include "dbgalloc/static_buffer_allocator.h"

namespace dbgalloc {
namespace {

// 0: too large to be rounded.
size_t RoundUp(size_t value, size_t alignment) {
  return (value + alignment - 1) & ~(alignment - 1);
}

}  // namespace

void StaticBufferAllocator::Start(void* buffer, size_t size) {
  uintptr_t address = reinterpret_cast<uintptr_t>(buffer);
  begin_ = RoundUp(address, kUnit);
  end_ = (address + size) & ~(kUnit - 1);
  if (end_ < begin_) end_ = begin_;
  if (end_ == begin_) return;
  free_bytes_ = end_ - begin_;
  Insert(&free_, begin_, free_bytes_);
}

// Writes a part's description into its memory and hangs it into the list.
void StaticBufferAllocator::Insert(Part** link, uintptr_t begin, size_t size) {
  Part* part = reinterpret_cast<Part*>(begin);
  Part* next = *link;
  part->next = next;
  part->size = size;
  *link = part;
}

void* StaticBufferAllocator::Take(size_t size, size_t alignment) {
  size_t wanted = RoundUp(size == 0 ? 1 : size, kUnit);
  if (wanted == 0) return nullptr;
  if (alignment < kUnit) alignment = kUnit;
  for (Part** link = &free_; *link != nullptr; link = &(*link)->next) {
    uintptr_t begin = (*link)->begin();
    uintptr_t end = (*link)->end();
    uintptr_t at = RoundUp(begin, alignment);
    if (at < begin || at > end || wanted > end - at) continue;
    *link = (*link)->next;
    // What is left behind goes in first, so that what is left before it stands
    // in front.
    if (at + wanted != end) Insert(link, at + wanted, end - at - wanted);
    if (at != begin) Insert(link, begin, at - begin);
    free_bytes_ -= wanted;
    return reinterpret_cast<void*>(at);
  }
  return nullptr;
}

void StaticBufferAllocator::Give(void* block, size_t size) {
  uintptr_t begin = reinterpret_cast<uintptr_t>(block);
  size_t given = RoundUp(size == 0 ? 1 : size, kUnit);
  free_bytes_ += given;
  Part* before = nullptr;
  Part** link = &free_;
  while (*link != nullptr && (*link)->begin() < begin) {
    before = *link;
    link = &before->next;
  }
  Part* after = *link;
  if (after != nullptr && begin + given == after->begin()) {
    given += after->size;
    *link = after->next;
  }
  if (before != nullptr && before->end() == begin) {
    before->size += given;
  } else {
    Insert(link, begin, given);
  }
}

bool StaticBufferAllocator::Change(void* block, size_t size, size_t new_size) {
  uintptr_t begin = reinterpret_cast<uintptr_t>(block);
  size_t held = RoundUp(size == 0 ? 1 : size, kUnit);
  size_t wanted = RoundUp(new_size == 0 ? 1 : new_size, kUnit);
  if (wanted == 0) return false;
  if (wanted < held) {
    Give(reinterpret_cast<void*>(begin + wanted), held - wanted);
  }
  if (wanted <= held) return true;
  Part** link = &free_;
  while (*link != nullptr && (*link)->begin() < begin) link = &(*link)->next;
  Part* after = *link;
  size_t growth = wanted - held;
  if (after == nullptr || after->begin() != begin + held ||
      after->size < growth) {
    return false;
  }
  uintptr_t end = after->end();
  *link = after->next;
  if (begin + wanted != end) Insert(link, begin + wanted, end - begin - wanted);
  free_bytes_ -= growth;
  return true;
}

bool StaticBufferAllocator::Owns(const void* address) const {
  uintptr_t value = reinterpret_cast<uintptr_t>(address);
  return value - begin_ < end_ - begin_;
}

size_t StaticBufferAllocator::largest_free() const {
  size_t largest = 0;
  for (Part* part = free_; part != nullptr; part = part->next) {
    if (part->size > largest) largest = part->size;
  }
  return largest;
}

}  // namespace dbgalloc
