// A PE image where the loader has put it: reads that stay inside.
#ifndef DBGALLOC_ALLOC_STACK_PE_IMAGE_H_
#define DBGALLOC_ALLOC_STACK_PE_IMAGE_H_

#include <cstddef>
#include <cstdint>

#include "alloc/os/windows_api.h"

namespace dbgalloc::stack {

// The image that begins at an address. Offsets are from there.
class PeImage {
 public:
  explicit PeImage(uintptr_t start) : start_(start) {
    const auto* dos = reinterpret_cast<const IMAGE_DOS_HEADER*>(start);
    if (dos->e_magic != IMAGE_DOS_SIGNATURE) return;
    const auto* headers = reinterpret_cast<const IMAGE_NT_HEADERS*>(
        start + static_cast<size_t>(dos->e_lfanew));
    if (headers->Signature == IMAGE_NT_SIGNATURE) headers_ = headers;
  }

  bool is_valid() const { return headers_ != nullptr; }
  size_t size() const { return headers_->OptionalHeader.SizeOfImage; }

  // Null: it does not lie inside, or there is none (offset 0).
  template <typename T>
  const T* At(size_t offset, size_t count = 1) const {
    if (offset == 0 || offset > size() ||
        count > (size() - offset) / sizeof(T)) {
      return nullptr;
    }
    return reinterpret_cast<const T*>(start_ + offset);
  }

  // One of the tables that the optional header points to; null: none.
  template <typename T>
  const T* Directory(size_t index) const {
    if (index >= headers_->OptionalHeader.NumberOfRvaAndSizes) return nullptr;
    const IMAGE_DATA_DIRECTORY& entry =
        headers_->OptionalHeader.DataDirectory[index];
    return entry.Size < sizeof(T) ? nullptr : At<T>(entry.VirtualAddress);
  }

  // A terminated text; "" where there is none.
  const char* TextAt(size_t offset) const {
    const char* text = At<char>(offset);
    return text == nullptr ? "" : text;
  }

 private:
  const uintptr_t start_;
  const IMAGE_NT_HEADERS* headers_ = nullptr;
};

}  // namespace dbgalloc::stack

#endif  // DBGALLOC_ALLOC_STACK_PE_IMAGE_H_
