// Builds text in a caller's buffer: no allocation, no locale, no stdio.
#ifndef DBGALLOC_ALLOC_BASE_TEXT_WRITER_H_
#define DBGALLOC_ALLOC_BASE_TEXT_WRITER_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace dbgalloc::base {

// Receives text when the buffer is full and at Flush().
using TextFlush = void (*)(void* context, std::string_view text);

// Appends pieces of text to a buffer. What does not fit is handed to the flush
// function where one is given, else cut, and truncated() says so.
// Threads: one writer belongs to one thread.
class TextWriter {
 public:
  TextWriter(char* buffer, size_t capacity)
      : TextWriter(buffer, capacity, nullptr, nullptr) {}
  TextWriter(char* buffer, size_t capacity, TextFlush flush, void* context)
      : buffer_(buffer),
        capacity_(capacity),
        flush_(flush),
        context_(context) {}
  TextWriter(const TextWriter&) = delete;
  TextWriter& operator=(const TextWriter&) = delete;

  TextWriter& Text(std::string_view text);
  // Up to the terminating zero; needs no strlen, which a freestanding program
  // may not have.
  TextWriter& Terminated(const char* text) {
    while (*text != '\0') Char(*text++);
    return *this;
  }
  TextWriter& Char(char c);
  TextWriter& Dec(uint64_t value);
  TextWriter& SignedDec(int64_t value);
  // "0x" and lower-case digits, at least `min_digits` of them.
  TextWriter& Hex(uint64_t value, int min_digits = 1);
  // Two lower-case digits, no prefix.
  TextWriter& HexByte(uint8_t value);
  // `value` right-aligned in `width` columns.
  TextWriter& PaddedDec(uint64_t value, int width);
  TextWriter& Repeat(char c, size_t count);

  // Hands what is buffered to the flush function.
  void Flush();

  // What was written since the last flush.
  std::string_view view() const { return {buffer_, size_}; }
  bool truncated() const { return truncated_; }
  void Clear() { size_ = 0; }

 private:
  char* buffer_;
  size_t capacity_;
  size_t size_ = 0;
  TextFlush flush_;
  void* context_;
  bool truncated_ = false;
};

}  // namespace dbgalloc::base

#endif  // DBGALLOC_ALLOC_BASE_TEXT_WRITER_H_
