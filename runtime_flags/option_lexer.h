// Cuts an option string into name=value pairs.
//
//   redzone=32:log_path='/tmp/a b',safety=0   # a comment, in files
//   \_______/
//      one OptionPair; text views point into the string
//
// Pairs are separated by ':', ',' or white space. A value that starts with a
// quote ends at the same quote, whatever stands between. A comma before a digit
// belongs to the value, for no name begins with one: break_at=60,70-80. Pure;
// what the names and values mean is option_parser.h.
#ifndef DBGALLOC_RUNTIME_FLAGS_OPTION_LEXER_H_
#define DBGALLOC_RUNTIME_FLAGS_OPTION_LEXER_H_

#include <cstddef>
#include <string_view>

namespace dbgalloc::runtime_flags {

constexpr bool IsOptionSeparator(char c) {
  return c == ':' || c == ',' || c == ' ' || (c >= '\t' && c <= '\r');
}

struct OptionPair {
  std::string_view text;  // as written, quotes included
  std::string_view name;
  std::string_view value;
  size_t offset = 0;  // of `text`, from the start of the string
  unsigned line = 1;
};

enum class LexResult {
  kPair,
  kEnd,
  // Mistakes. `text`, `offset` and `line` of the pair say where.
  kNoEquals,
  kNoName,
  kOpenQuote,
  kTextAfterQuote,
  kControlByte,
};

class OptionLexer {
 public:
  // With `comments`, '#' where a pair could start runs to the end of the line.
  OptionLexer(std::string_view text, bool comments)
      : text_(text), comments_(comments) {}

  // The next pair, or what is wrong with it. After a mistake the next call
  // goes on behind it.
  LexResult Next(OptionPair* pair);

 private:
  void SkipSeparators();
  void SkipLine();
  void SkipToSeparator();
  bool AtListComma() const;
  void Advance();
  LexResult ReadPair(OptionPair* pair);
  LexResult ReadQuotedValue(OptionPair* pair);
  // What was passed since `begin`.
  std::string_view TextSince(size_t begin) const {
    return {text_.data() + begin, position_ - begin};
  }
  bool AtEnd() const { return position_ == text_.size(); }
  char Current() const { return text_[position_]; }

  std::string_view text_;
  size_t position_ = 0;
  unsigned line_ = 1;
  bool comments_;
};

}  // namespace dbgalloc::runtime_flags

#endif  // DBGALLOC_RUNTIME_FLAGS_OPTION_LEXER_H_
