#include "alloc/report/words.h"

namespace dbgalloc::report {
namespace {

using base::TextWriter;
using std::string_view_literals::operator""sv;

std::string_view FreeName(Origin origin) {
  switch (origin) {
    case Origin::kAllocator:
      return "Deallocate";
    case Origin::kMalloc:
    case Origin::kMemalign:
      return "free";
    case Origin::kNew:
      return "operator delete";
    case Origin::kNewArray:
      return "operator delete[]";
  }
  return "free";
}

// What two lines of a wide terminal hold.
constexpr size_t kMaxNameWidth = 240;

// Whether a byte is one of UTF-8 that goes on with the character before it.
bool IsInsideCharacter(char c) {
  return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

// As exactly as a kernel's tick tells.
constexpr uint64_t kTickMilliseconds = 10;

void WriteBlock(TextWriter& out, const BlockDescription& block) {
  out.Text(" a ").Dec(block.size).Text("-byte block");
}

}  // namespace

std::string_view TierName(BlockTier tier) {
  switch (tier) {
    case BlockTier::kNone:
      return "";
    case BlockTier::kSmall:
      return "small";
    case BlockTier::kMedium:
      return "medium";
    case BlockTier::kLarge:
      return "large";
    case BlockTier::kHuge:
      return "huge";
  }
  return "";
}

std::string_view AllocationName(Origin origin) {
  switch (origin) {
    case Origin::kAllocator:
      return "Allocate";
    case Origin::kMalloc:
      return "malloc";
    case Origin::kMemalign:
      return "aligned_alloc";
    case Origin::kNew:
      return "operator new";
    case Origin::kNewArray:
      return "operator new[]";
  }
  return "malloc";
}

std::string_view FunctionName(Operation operation, Origin origin) {
  const bool is_class = origin == Origin::kAllocator;
  switch (operation) {
    case Operation::kAllocate:
      return AllocationName(origin);
    case Operation::kFree:
      return FreeName(origin);
    case Operation::kResize:
      return is_class ? "Resize"sv : "realloc"sv;
    case Operation::kRemap:
      return is_class ? "Remap"sv : "realloc"sv;
    case Operation::kUsableSize:
      return "malloc_usable_size";
    case Operation::kAccess:
      return "access";
    case Operation::kHeapCheck:
      return "heap check";
    case Operation::kRetire:
      return "end of the quarantine";
    case Operation::kDestruction:
      return "end of the allocator";
    case Operation::kExit:
      return "exit";
  }
  return "use";
}

void WriteCount(TextWriter& out, uint64_t count, std::string_view one,
                std::string_view many) {
  out.Dec(count).Char(' ').Text(count == 1 ? one : many);
}

void WriteBytesInBlocks(TextWriter& out, uint64_t bytes, uint64_t blocks) {
  WriteCount(out, bytes, "byte", "bytes");
  out.Text(" in ");
  WriteCount(out, blocks, "block", "blocks");
}

void WritePlace(TextWriter& out, uintptr_t address,
                const BlockDescription& block) {
  if (address == block.begin) {
    out.Text("the start (offset 0) of");
    WriteBlock(out, block);
    return;
  }
  const uint64_t offset = address - block.begin;
  if (address < block.begin) {
    WriteCount(out, block.begin - address, "byte", "bytes");
    out.Text(" before the start (offset -").Dec(block.begin - address);
    out.Text(") of");
  } else if (offset < block.size) {
    out.Text("offset ").Dec(offset).Text(" in");
  } else if (offset == block.size) {
    out.Text("right behind the end (offset ").Dec(offset).Text(") of");
  } else {
    WriteCount(out, offset - block.size, "byte", "bytes");
    out.Text(" behind the end (offset ").Dec(offset).Text(") of");
  }
  WriteBlock(out, block);
  out.Text(" at ").Hex(block.begin);
}

bool IsExactAge(const HeapEvent& now, const HeapEvent& event) {
  return now.thread == event.thread;
}

void WriteTimeAgo(TextWriter& out, const HeapEvent& event) {
  if (!event.timed) return;
  const uint64_t span = event.most_ago - event.least_ago;
  if (event.least_ago == 0) {
    out.Text("less than ").Dec(event.most_ago + 1);
  } else if (span <= kTickMilliseconds || span <= event.most_ago / 4) {
    out.Text("about ").Dec(event.least_ago + span / 2);
  } else {
    out.Dec(event.least_ago).Text(" to ").Dec(event.most_ago);
  }
  out.Text(" ms ago");
}

uint64_t AgeOf(const HeapEvent& now, const HeapEvent& event) {
  if (!event.known || event.number == 0 || now.number <= event.number) return 0;
  return now.number - event.number;
}

void WriteAge(TextWriter& out, const HeapEvent& now, const HeapEvent& event) {
  const uint64_t age = AgeOf(now, event);
  if (age == 0) return;
  out.Text(IsExactAge(now, event) ? " "sv : " about "sv);
  WriteCount(out, age, "heap operation", "heap operations");
  out.Text(" earlier");
}

void WriteForeign(TextWriter& out, std::string_view text) {
  for (char c : text) {
    const auto code = static_cast<unsigned char>(c);
    out.Char(code < 0x20 || code == 0x7f ? '?' : c);
  }
}

void WriteLongName(TextWriter& out, std::string_view text) {
  if (text.size() <= kMaxNameWidth) return WriteForeign(out, text);
  size_t head = kMaxNameWidth / 3 * 2;
  size_t tail = text.size() - kMaxNameWidth / 3;
  while (head > 0 && IsInsideCharacter(text[head])) --head;
  while (tail < text.size() && IsInsideCharacter(text[tail])) ++tail;
  WriteForeign(out, {text.data(), head});
  out.Text("...");
  WriteForeign(out, {text.data() + tail, text.size() - tail});
}

}  // namespace dbgalloc::report
