#include "app/name_table.h"

#include <cstring>

const char* NameTable::Add(const char* name) {
  std::size_t size = std::strlen(name) + 1;
  void* copy = names_.Allocate(size, 1);
  if (copy != nullptr) std::memcpy(copy, name, size);
  return static_cast<const char*>(copy);
}

void NameTable::Remove(const char* name) {
  void* block = const_cast<char*>(name);
  names_.Deallocate(block, std::strlen(name) + 1, 1);
}
