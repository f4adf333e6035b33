// Ranges that a scan still has to read.
#ifndef DBGALLOC_ALLOC_LEAK_WORK_LIST_H_
#define DBGALLOC_ALLOC_LEAK_WORK_LIST_H_

#include <cstddef>

#include "alloc/base/check.h"
#include "alloc/leak/scan_memory.h"
#include "alloc/leak/word_scan.h"

namespace dbgalloc::leak {

// Last in, first out. Cannot overflow: it is made for as many ranges as will
// ever be pushed, each block and each root once; what is never used is never
// touched.
class WorkList {
 public:
  // False: no memory.
  bool Reserve(size_t capacity, ScanMemory* memory) {
    ranges_ = memory->Take<Range>(capacity);
    capacity_ = capacity;
    return ranges_ != nullptr;
  }

  void Push(Range range) {
    DBG_CHECK_LT(count_, capacity_);
    ranges_[count_++] = range;
  }

  bool Pop(Range* range) {
    if (count_ == 0) return false;
    *range = ranges_[--count_];
    return true;
  }

 private:
  Range* ranges_ = nullptr;
  size_t capacity_ = 0;
  size_t count_ = 0;
};

}  // namespace dbgalloc::leak

#endif  // DBGALLOC_ALLOC_LEAK_WORK_LIST_H_
