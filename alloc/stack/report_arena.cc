#include "alloc/stack/report_arena.h"

#include <new>

#include "alloc/os/pages.h"

namespace dbgalloc::stack {
namespace {

constexpr size_t kChunkSize = size_t{1} << 20;
constexpr size_t kLarge = kChunkSize / 4;  // from here on a mapping of its own

size_t Rounded(size_t size) { return (size + 15) & ~size_t{15}; }

}  // namespace

// At the start of what it describes.
struct alignas(16) ReportArena::Mapping {
  Mapping* newer;
  Mapping* older;
  size_t size;

  char* contents() { return reinterpret_cast<char*>(this + 1); }
  static Mapping* Of(void* contents) {
    return static_cast<Mapping*>(contents) - 1;
  }
};

void* ReportArena::Allocate(size_t size) {
  if (size > PTRDIFF_MAX) return nullptr;
  size = Rounded(size);
  if (size >= kLarge) {
    Mapping* mapping = Map(sizeof(Mapping) + size);
    return mapping == nullptr ? nullptr : mapping->contents();
  }
  if (size > static_cast<size_t>(end_ - next_)) {
    Mapping* chunk = Map(kChunkSize);
    if (chunk == nullptr) return nullptr;
    next_ = chunk->contents();
    end_ = reinterpret_cast<char*>(chunk) + chunk->size;
  }
  char* result = next_;
  next_ += size;
  return result;
}

bool ReportArena::Extend(void* memory, size_t size, size_t new_size) {
  const size_t old_rounded = Rounded(size);
  const size_t new_rounded = Rounded(new_size);
  if (old_rounded >= kLarge || new_rounded >= kLarge) return false;
  char* begin = static_cast<char*>(memory);
  if (begin + old_rounded != next_ ||
      new_rounded > static_cast<size_t>(end_ - begin)) {
    return false;
  }
  next_ = begin + new_rounded;
  return true;
}

void ReportArena::Free(void* memory, size_t size) {
  if (memory == nullptr) return;
  size = Rounded(size);
  if (size >= kLarge) {
    Unmap(Mapping::Of(memory));
    return;
  }
  char* begin = static_cast<char*>(memory);
  if (begin + size != next_) return;
  next_ = begin;
}

void ReportArena::Drop() {
  while (mappings_ != nullptr) Unmap(mappings_);
  next_ = nullptr;
  end_ = nullptr;
}

void ReportArena::Abandon() {
  mappings_ = nullptr;
  next_ = nullptr;
  end_ = nullptr;
  bytes_ = 0;
}

ReportArena::Mapping* ReportArena::Map(size_t size) {
  const size_t page_size = os::PageSize();
  size = (size + page_size - 1) / page_size * page_size;
  void* memory = os::MapPages(size, page_size);
  if (memory == nullptr) return nullptr;
  auto* mapping = new (memory) Mapping{nullptr, mappings_, size};
  if (mappings_ != nullptr) mappings_->newer = mapping;
  mappings_ = mapping;
  bytes_ += size;
  return mapping;
}

void ReportArena::Unmap(Mapping* mapping) {
  if (mapping->newer != nullptr) mapping->newer->older = mapping->older;
  if (mapping->older != nullptr) mapping->older->newer = mapping->newer;
  if (mappings_ == mapping) mappings_ = mapping->older;
  bytes_ -= mapping->size;
  os::ReleasePages(mapping, mapping->size);
}

}  // namespace dbgalloc::stack
