#include "alloc/leak/foreign_memory.h"

#include "alloc/os/fault_guard.h"
#include "alloc/os/program_data.h"

namespace dbgalloc::leak {
namespace {

// Room for so many mappings at first; what is not used is never touched.
constexpr size_t kUsualMappings = 4096;
// Parts beyond one a mapping: what excluding cuts in two.
constexpr size_t kSpareParts = 4096;

// The C library places a descriptor as high as its size and alignment allow.
constexpr uintptr_t kDescriptorReach = 2 * os::kDescriptorSize;
constexpr uintptr_t kDescriptorAlignment = 64;

struct DescriptorSearch {
  Range range;
  uintptr_t found = 0;

  static void Run(void* argument) {
    auto& search = *static_cast<DescriptorSearch*>(argument);
    uintptr_t at = search.range.end - kDescriptorReach;
    for (; at < search.range.end; at += kDescriptorAlignment) {
      if (os::LooksLikeDescriptor(at)) search.found = at;
    }
  }
};

// 0: there is none.
uintptr_t DescriptorAtEndOf(const Range& range) {
  if (range.end - range.begin <= kDescriptorReach) return 0;
  DescriptorSearch search{range};
  uintptr_t fault = 0;
  return os::RunGuarded(&DescriptorSearch::Run, &search, &fault) ? search.found
                                                                 : 0;
}

bool IsForeign(const os::Mapping& mapping) {
  return mapping.writable && mapping.readable && !mapping.shared &&
         mapping.anonymous && !mapping.is_main_stack;
}

}  // namespace

void ForeignMemory::Add(void* context, const os::Mapping& mapping) {
  ForeignMemory& self = *static_cast<ForeignMemory*>(context);
  if (!mapping.readable) self.guard_end_ = mapping.end;
  if (!mapping.writable || self.mapping_count_++ >= self.mapping_capacity_) {
    return;
  }
  self.mappings_[self.mapping_count_ - 1] = mapping;
  if (mapping.is_main_stack) self.main_stack_ = {mapping.begin, mapping.end};
  if (IsForeign(mapping)) {
    self.parts_[self.part_count_++] = {{mapping.begin, mapping.end},
                                       mapping.begin == self.guard_end_};
  }
}

bool ForeignMemory::Read(ScanMemory* memory) {
  memory_ = memory;
  mapping_capacity_ = kUsualMappings;
  if (!ReadMappings()) return false;
  if (mapping_count_ <= mapping_capacity_) return true;
  // The scan's own memory makes some more.
  mapping_capacity_ = mapping_count_ + kUsualMappings;
  return ReadMappings() && mapping_count_ <= mapping_capacity_;
}

bool ForeignMemory::ReadMappings() {
  part_capacity_ = mapping_capacity_ + kSpareParts;
  mappings_ = memory_->Take<os::Mapping>(mapping_capacity_);
  parts_ = memory_->Take<Part>(part_capacity_);
  if (mappings_ == nullptr || parts_ == nullptr) return false;
  mapping_count_ = 0;
  part_count_ = 0;
  return os::ForEachMapping(&Add, this);
}

bool ForeignMemory::Exclude(uintptr_t begin, uintptr_t end) {
  for (size_t i = 0; i < part_count_; ++i) {
    Range& range = parts_[i].range;
    if (range.end <= begin || range.begin >= end) continue;
    if (range.begin < begin && range.end > end) {
      if (part_count_ == part_capacity_) return false;
      for (size_t j = part_count_++; j > i + 1; --j) parts_[j] = parts_[j - 1];
      parts_[i + 1] = {{end, range.end}, false};
      range.end = begin;
      return true;
    }
    if (range.begin < begin) {
      range.end = begin;
    } else if (range.end > end) {
      range.begin = end;
    } else {
      range.begin = range.end;  // empty, but in its place
    }
  }
  return true;
}

void ForeignMemory::ExcludeThreadStacks() {
  for (size_t i = 0; i < part_count_; ++i) {
    Part& part = parts_[i];
    if (!part.above_guard) continue;
    part.descriptor = DescriptorAtEndOf(part.range);
    if (part.descriptor != 0) part.range.begin = part.range.end;
  }
}

Range ForeignMemory::MappingAround(uintptr_t address) const {
  for (size_t i = 0; i < mapping_count_; ++i) {
    const os::Mapping& mapping = mappings_[i];
    if (address - mapping.begin < mapping.end - mapping.begin) {
      return {mapping.begin, mapping.end};
    }
  }
  return {};
}

bool ForeignMemory::Publish(BlockIndex* index) {
  for (size_t i = 0; i < part_count_; ++i) {
    const Range& range = parts_[i].range;
    if (range.begin >= range.end) continue;
    if (!index->NoteForeign(range.begin, range.end)) return false;
  }
  return true;
}

ForeignMemory::Part* ForeignMemory::PartAround(uintptr_t address) const {
  size_t low = 0;
  size_t high = part_count_;
  while (low < high) {  // the first part that ends behind the address
    const size_t middle = low + (high - low) / 2;
    if (parts_[middle].range.end > address) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  if (low == part_count_ || parts_[low].range.begin > address) return nullptr;
  return &parts_[low];
}

}  // namespace dbgalloc::leak
