#include "alloc/report/looks.h"

#include "alloc/report/numbers_in_bytes.h"
#include "alloc/report/words.h"

namespace dbgalloc::report {
namespace {

using base::TextWriter;
using std::string_view_literals::operator""sv;

// Shorter runs of letters come about by chance.
constexpr size_t kShortestText = 4;
// A pointer read from a fill may have had an offset added to it.
constexpr uint64_t kFarthestMember = 4096;
// Below this a word is a number, not an address.
constexpr uint64_t kLowestAddress = 0x10000;
// Numbers shown of many.
constexpr size_t kShownNumbers = 4;

bool IsPrintable(uint8_t byte) { return byte >= 0x20 && byte < 0x7f; }

bool AllAre(const OddBytes& odd, int byte) {
  for (size_t i = 0; i < odd.size; ++i) {
    if (odd.bytes[i] != byte) return false;
  }
  return true;
}

bool IsNear(uint64_t value, uint64_t pattern) {
  return value - pattern <= kFarthestMember ||
         pattern - value <= kFarthestMember;
}

// Whether the bytes are a heap's fill, in part or, for a pointer, nearly.
bool IsFill(const OddBytes& odd, int byte) {
  if (byte < 0) return false;
  if (!odd.are_pointer) return odd.size >= kShortestText && AllAre(odd, byte);
  const uint64_t pattern =
      static_cast<uint64_t>(byte) * uint64_t{0x0101010101010101};
  return IsNear(IntegerAt(odd.bytes, sizeof(uint64_t)), pattern);
}

// The longest run of letters; a short one counts when it is all there is, a
// closing zero aside: with more zeros it is a number.
bool FindText(const OddBytes& odd, Look* look) {
  size_t run = 0;
  for (size_t i = 0; i < odd.size; ++i) {
    run = IsPrintable(odd.bytes[i]) ? run + 1 : 0;
    if (run > look->size) {
      look->size = run;
      look->offset = i + 1 - run;
    }
  }
  look->kind = LookKind::kText;
  if (look->size >= kShortestText) return true;
  if (look->size == 0 || look->offset != 0 || odd.are_pointer) return false;
  return look->size == odd.size ||
         (look->size + 1 == odd.size && odd.bytes[look->size] == 0);
}

// The first aligned word that names something outside the heap.
bool FindNamedAddress(const OddBytes& odd, const Surroundings& surroundings,
                      Look* look) {
  if (surroundings.host == nullptr || odd.are_pointer) return false;
  constexpr size_t kWord = sizeof(uintptr_t);
  for (size_t at = -odd.address % kWord; at + kWord <= odd.size; at += kWord) {
    const uint64_t value = IntegerAt(odd.bytes + at, kWord);
    char name[kMaxAddressName];
    TextWriter out(name, sizeof(name));
    if (value < kLowestAddress) continue;
    if (!surroundings.host->NameAddress(value, out)) continue;
    *look = {LookKind::kNamedAddress, at, kWord, 0, value};
    return true;
  }
  return false;
}

bool FindNumbers(const OddBytes& odd, Look* look) {
  if (odd.are_pointer) return false;
  look->width = WidthOfIntegers(odd.bytes, odd.size);
  look->kind = LookKind::kIntegers;
  if (look->width != 0) return true;
  look->width = WidthOfFloats(odd.bytes, odd.size);
  look->kind = LookKind::kFloats;
  return look->width != 0;
}

class Collection {
 public:
  explicit Collection(Look (&looks)[kMaxLooks]) : looks_(looks) {}
  void Add(const Look& look) {
    if (count_ < kMaxLooks) looks_[count_++] = look;
  }
  size_t count() const { return count_; }

 private:
  Look (&looks_)[kMaxLooks];
  size_t count_ = 0;
};

// A pattern says all there is to say.
bool AddPattern(const OddBytes& odd, const HeapPatterns& patterns,
                Collection& looks) {
  if (AllAre(odd, 0)) {
    if (!odd.are_pointer) looks.Add({LookKind::kZeros});
    return true;
  }
  if (!patterns.known) return false;
  if (IsFill(odd, patterns.fresh_byte)) looks.Add({LookKind::kFreshFill});
  if (IsFill(odd, patterns.freed_byte)) looks.Add({LookKind::kFreedFill});
  if (odd.are_pointer &&
      IsNear(IntegerAt(odd.bytes, sizeof(uint64_t)), patterns.canary)) {
    looks.Add({LookKind::kCanary});
  }
  return looks.count() > 0;
}

void WriteText(TextWriter& out, const Look& look, const OddBytes& odd) {
  out.Text("text \"");
  for (size_t i = 0; i < look.size; ++i) {
    out.Char(static_cast<char>(odd.bytes[look.offset + i]));
  }
  out.Char('"');
}

void WriteNumbers(TextWriter& out, const Look& look, const OddBytes& odd) {
  const size_t count = odd.size / look.width;
  out.Text(count == 1 ? "the number "sv : "the numbers "sv);
  for (size_t i = 0; i < count && i < kShownNumbers; ++i) {
    if (i > 0) out.Text(", ");
    const uint8_t* bytes = odd.bytes + i * look.width;
    if (look.kind == LookKind::kIntegers) {
      out.SignedDec(SignedIntegerAt(bytes, look.width));
    } else {
      WriteDecimal(out, FloatAt(bytes, look.width));
    }
  }
  if (count > kShownNumbers) out.Text(", ...");
  out.Text(" (");
  WriteCount(out, look.width, "byte", "bytes");
  if (look.kind == LookKind::kFloats) out.Text(", floating point");
  out.Text(count == 1 ? ")"sv : " each)"sv);
}

void WriteBlockAddress(TextWriter& out, const BlockPointer& pointer) {
  out.Text("the address ").Hex(pointer.value).Text(", ");
  WritePlace(out, pointer.value, pointer.block);
  out.Text(pointer.block.live ? ", live"sv : ", freed"sv);
}

}  // namespace

bool FindOddBytes(const ErrorRecord& record, OddBytes* odd) {
  if (record.damage.size != 0) {
    odd->bytes = record.damage.found;
    odd->size =
        record.damage.shown < kMaxDamage ? record.damage.shown : kMaxDamage;
    odd->address = record.damage.begin;
    return odd->size != 0;
  }
  const bool wild =
      record.kind == ErrorKind::kInvalidFree ||
      (record.operation == Operation::kAccess && !record.block.known);
  if (!wild) return false;
  odd->are_pointer = true;
  odd->size = sizeof(odd->room);
  for (size_t i = 0; i < odd->size; ++i) {
    odd->room[i] =
        static_cast<uint8_t>(uint64_t{record.address} >> (8 * i) & 0xff);
  }
  odd->bytes = odd->room;
  return true;
}

size_t FindLooks(const OddBytes& odd, const ErrorRecord& record,
                 const Surroundings& surroundings, Look (&looks)[kMaxLooks]) {
  Collection found(looks);
  if (AddPattern(odd, record.patterns, found)) return found.count();
  Look look;
  if (record.pointer.known) found.Add({LookKind::kBlockAddress});
  if (!record.pointer.known && FindNamedAddress(odd, surroundings, &look)) {
    found.Add(look);
  }
  if (Look text; FindText(odd, &text)) {
    found.Add(text);
  } else if (Look numbers; found.count() == 0 && FindNumbers(odd, &numbers)) {
    found.Add(numbers);
  }
  return found.count();
}

void WriteLook(TextWriter& out, const Look& look, const OddBytes& odd,
               const ErrorRecord& record, const Surroundings& surroundings) {
  switch (look.kind) {
    case LookKind::kFreshFill:
      out.Text(
          "the fill of fresh memory, read before anything was stored "
          "there");
      return;
    case LookKind::kFreedFill:
      out.Text("the fill of freed memory, read after it was freed");
      return;
    case LookKind::kCanary:
      out.Text("the canary of redzones, read from beside a block");
      return;
    case LookKind::kZeros:
      out.Text(odd.size == 1 ? "a zero byte, as at the end of a string"sv
                             : "zeros"sv);
      return;
    case LookKind::kText:
      return WriteText(out, look, odd);
    case LookKind::kBlockAddress:
      return WriteBlockAddress(out, record.pointer);
    case LookKind::kNamedAddress:
      out.Text("the address ").Hex(look.value).Text(", ");
      surroundings.host->NameAddress(look.value, out);
      return;
    case LookKind::kIntegers:
    case LookKind::kFloats:
      return WriteNumbers(out, look, odd);
  }
}

}  // namespace dbgalloc::report
