#ifndef APP_NAME_TABLE_H_
#define APP_NAME_TABLE_H_

#include <cstddef>

#include "dbgalloc/debug_allocator.h"

// Keeps copies of names in memory of a checked allocator.
class NameTable {
 public:
  explicit NameTable(dbgalloc::ErrorSink* sink) { names_.SetErrorSink(sink); }

  const char* Add(const char* name);
  void Remove(const char* name);
  std::size_t FindLeaks() { return names_.DetectLeaks(); }

 private:
  dbgalloc::DebugAllocator names_;
};

#endif  // APP_NAME_TABLE_H_
