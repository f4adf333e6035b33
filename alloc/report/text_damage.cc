#include "alloc/report/text_damage.h"

#include "alloc/report/looks.h"
#include "alloc/report/words.h"

namespace dbgalloc::report {
namespace {

using base::TextWriter;

constexpr uint32_t kBytesPerRow = 16;

char Printable(uint8_t byte) {
  return byte >= 0x20 && byte < 0x7f ? static_cast<char>(byte) : '.';
}

void WriteRow(TextWriter& out, uintptr_t address, std::string_view label,
              const uint8_t* bytes, uint32_t count) {
  out.Text("    ").Hex(address).Text(label);
  for (uint32_t i = 0; i < count; ++i) out.Char(' ').HexByte(bytes[i]);
  out.Repeat(' ', 3 * (kBytesPerRow - count)).Text("  |");
  for (uint32_t i = 0; i < count; ++i) out.Char(Printable(bytes[i]));
  out.Text("|\n");
}

bool IsDamaged(const Damage& damage, uintptr_t address) {
  return address - damage.begin < damage.size;
}

// " [" before the first damaged byte of a row, "]" behind the last.
void WriteMemoryRow(TextWriter& out, const ErrorRecord& record, uint32_t from,
                    uint32_t count) {
  const MemoryContents& memory = record.memory;
  out.Text("    ").Hex(memory.begin + from).Char(' ');
  bool inside = false;
  for (uint32_t i = 0; i < count; ++i) {
    const bool damaged = IsDamaged(record.damage, memory.begin + from + i);
    out.Char(damaged == inside ? ' ' : damaged ? '[' : ']');
    inside = damaged;
    out.HexByte(memory.bytes[from + i]);
  }
  out.Char(inside ? ']' : ' ').Repeat(' ', 3 * (kBytesPerRow - count));
  out.Text(" |");
  for (uint32_t i = 0; i < count; ++i) {
    out.Char(Printable(memory.bytes[from + i]));
  }
  out.Text("|\n");
}

// "offset -4 in the block".
void WriteOffset(TextWriter& out, const ErrorRecord& record) {
  if (!record.block.known) return;
  out.Text(", offset ");
  out.SignedDec(static_cast<int64_t>(record.damage.begin) -
                static_cast<int64_t>(record.block.begin));
  out.Text(" in the block");
}

}  // namespace

void WriteDamage(TextWriter& out, const ErrorRecord& record) {
  const Damage& damage = record.damage;
  const uint32_t shown = damage.shown < kMaxDamage ? damage.shown : kMaxDamage;
  if (damage.size == 0) return;
  out.Text("damage: ");
  WriteCount(out, damage.size, "byte", "bytes");
  out.Text(" from ").Hex(damage.begin).Text(" on");
  WriteOffset(out, record);
  if (shown != 0 && shown < damage.size) {
    out.Text("; the first ").Dec(shown).Text(" are");
  }
  out.Char('\n');
  for (uint32_t i = 0; i < shown; i += kBytesPerRow) {
    const uint32_t count = shown - i < kBytesPerRow ? shown - i : kBytesPerRow;
    WriteRow(out, damage.begin + i, " found   ", damage.found + i, count);
    WriteRow(out, damage.begin + i, " expected", damage.expected + i, count);
  }
}

void WriteLooks(TextWriter& out, const ErrorRecord& record,
                const Surroundings& surroundings) {
  OddBytes odd;
  if (!FindOddBytes(record, &odd)) return;
  Look looks[kMaxLooks];
  const size_t count = FindLooks(odd, record, surroundings, looks);
  for (size_t i = 0; i < count; ++i) {
    out.Text("looks like: ");
    WriteLook(out, looks[i], odd, record, surroundings);
    out.Char('\n');
  }
}

void WriteMemory(TextWriter& out, const ErrorRecord& record) {
  const MemoryContents& memory = record.memory;
  if (memory.size == 0 || memory.size > kMaxMemory) return;
  out.Text("memory: ");
  WriteCount(out, memory.size, "byte", "bytes");
  out.Text(" from ").Hex(memory.begin).Text(" on, the damage in brackets\n");
  for (uint32_t i = 0; i < memory.size; i += kBytesPerRow) {
    const uint32_t left = memory.size - i;
    WriteMemoryRow(out, record, i, left < kBytesPerRow ? left : kBytesPerRow);
  }
}

}  // namespace dbgalloc::report
