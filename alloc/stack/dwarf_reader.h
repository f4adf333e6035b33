// Reads the encodings of DWARF and .eh_frame from a bounded range. A read past
// the end yields 0 and sticks: ok() tells, once, at the end of a piece of work.
#ifndef DBGALLOC_ALLOC_STACK_DWARF_READER_H_
#define DBGALLOC_ALLOC_STACK_DWARF_READER_H_

#include <string.h>

#include <cstddef>
#include <cstdint>

namespace dbgalloc::stack {

class DwarfReader {
 public:
  DwarfReader() = default;
  DwarfReader(uintptr_t begin, uintptr_t end) : at_(begin), end_(end) {
    if (begin > end) Fail();
  }

  bool ok() const { return ok_; }
  bool AtEnd() const { return at_ >= end_; }
  uintptr_t position() const { return at_; }
  uintptr_t end() const { return end_; }

  // A number of the size of T, in the machine's byte order, anyhow aligned.
  template <typename T>
  T Fixed() {
    T value = 0;
    if (!Has(sizeof(T))) return value;
    memcpy(&value, reinterpret_cast<const void*>(at_), sizeof(T));
    at_ += sizeof(T);
    return value;
  }

  uint64_t Unsigned();  // ULEB128
  int64_t Signed();     // SLEB128

  // A pointer in one of the DW_EH_PE_* encodings; `data_base` is what
  // data-relative ones count from. Fails on encodings that .eh_frame does not
  // use here.
  uintptr_t Pointer(uint8_t encoding, uintptr_t data_base);

  // A zero-terminated string; null when it does not end in time.
  const char* String();

  void Skip(uint64_t bytes) {
    if (Has(bytes)) at_ += bytes;
  }

  // The next `bytes` as a reader of their own; this one goes on behind them.
  DwarfReader Part(uint64_t bytes) {
    if (!Has(bytes)) return DwarfReader(1, 0);
    at_ += bytes;
    return DwarfReader(at_ - bytes, at_);
  }

 private:
  bool Has(uint64_t bytes) {
    if (ok_ && bytes <= end_ - at_) return true;
    Fail();
    return false;
  }
  void Fail() {
    ok_ = false;
    at_ = end_;
  }

  uintptr_t at_ = 0;
  uintptr_t end_ = 0;
  bool ok_ = true;
};

}  // namespace dbgalloc::stack

#endif  // DBGALLOC_ALLOC_STACK_DWARF_READER_H_
