#include "alloc/stack/eh_frame.h"

#include <cstddef>

#include "alloc/stack/dwarf_constants.h"

namespace dbgalloc::stack {
namespace {

// One CIE or FDE: its identifying word, and the contents behind that.
struct Entry {
  uintptr_t id_position = 0;
  uint32_t id = 0;
  DwarfReader contents;
};

// Reads the entry where `reader` stands and moves behind it. False at the
// terminating zero and on damage.
bool ReadEntry(DwarfReader& reader, Entry* entry) {
  constexpr uint32_t kLongLength = 0xffffffff;
  uint64_t length = reader.Fixed<uint32_t>();
  if (length == kLongLength) length = reader.Fixed<uint64_t>();
  if (length == 0) return false;
  DwarfReader contents = reader.Part(length);
  entry->id_position = contents.position();
  entry->id = contents.Fixed<uint32_t>();
  entry->contents = contents;
  return contents.ok();
}

// The augmentation data behind an augmentation that begins with 'z'.
bool ReadAugmentation(const char* letters, DwarfReader& contents,
                      FunctionTable* table) {
  if (*letters == '\0') return true;
  if (*letters != 'z') return false;
  DwarfReader data = contents.Part(contents.Unsigned());
  for (++letters; *letters != '\0'; ++letters) {
    switch (*letters) {
      case 'R':
        table->pointer_encoding = data.Fixed<uint8_t>();
        break;
      case 'P': {
        const uint8_t encoding = data.Fixed<uint8_t>();
        // Only its size matters: the personality routine is not called.
        data.Pointer(encoding & kPointerFormatMask, 0);
        break;
      }
      case 'L':
        data.Fixed<uint8_t>();
        break;
      case 'S':
        table->is_signal_frame = true;
        break;
      case 'B':  // aarch64: return addresses are signed with the other key
        break;
      default:
        return true;  // unknown letters end the part that can be understood
    }
  }
  return data.ok();
}

bool ReadCommonEntry(uintptr_t position, uintptr_t end, FunctionTable* table) {
  DwarfReader reader(position, end);
  Entry entry;
  if (!ReadEntry(reader, &entry) || entry.id != 0) return false;
  DwarfReader& contents = entry.contents;
  const uint8_t version = contents.Fixed<uint8_t>();
  if (version != 1 && version != 3 && version != 4) return false;
  const char* augmentation = contents.String();
  if (augmentation == nullptr) return false;
  if (version == 4) contents.Skip(2);  // sizes of addresses and segments
  table->code_alignment = contents.Unsigned();
  table->data_alignment = contents.Signed();
  table->return_address_column =
      version == 1 ? contents.Fixed<uint8_t>() : contents.Unsigned();
  if (!ReadAugmentation(augmentation, contents, table)) return false;
  table->initial_instructions = contents;
  return contents.ok();
}

// Reads the FDE at `position` with its CIE. False when it does not cover the
// address.
bool ReadFunctionEntry(const LoadedModule& module, uintptr_t position,
                       uintptr_t address, FunctionTable* table) {
  DwarfReader reader(position, module.end);
  Entry entry;
  if (position < module.start || !ReadEntry(reader, &entry)) return false;
  const uintptr_t common = entry.id_position - entry.id;
  if (entry.id == 0 || common < module.start) return false;
  *table = FunctionTable();
  if (!ReadCommonEntry(common, module.end, table)) return false;
  DwarfReader& contents = entry.contents;
  table->begin = contents.Pointer(table->pointer_encoding, 0);
  table->end =
      table->begin +
      contents.Pointer(table->pointer_encoding & kPointerFormatMask, 0);
  if (address < table->begin || address >= table->end) return false;
  // Every CIE that compilers write for .eh_frame has an augmentation, and then
  // the FDE has data of its own (the exception table's address).
  contents.Skip(contents.Unsigned());
  table->instructions = contents;
  return contents.ok();
}

// Without a sorted table: through all entries, to the terminating zero.
bool FindByScan(const LoadedModule& module, uintptr_t eh_frame,
                uintptr_t address, FunctionTable* table) {
  DwarfReader reader(eh_frame, module.end);
  if (eh_frame < module.start) return false;
  while (reader.ok()) {
    const uintptr_t position = reader.position();
    Entry entry;
    if (!ReadEntry(reader, &entry)) return false;
    if (entry.id == 0) continue;
    if (ReadFunctionEntry(module, position, address, table)) return true;
  }
  return false;
}

// A row of the sorted table: both relative to the start of .eh_frame_hdr.
struct IndexRow {
  int32_t function;
  int32_t entry;
};

// The entry of the last function that begins at or before `address`; 0: none.
uintptr_t SearchIndex(uintptr_t header, uintptr_t rows, size_t count,
                      uintptr_t address) {
  const auto* index = reinterpret_cast<const IndexRow*>(rows);
  const auto target = static_cast<intptr_t>(address - header);
  size_t low = 0;
  size_t high = count;
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (index[middle].function <= target) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low == 0 ? 0 : header + static_cast<intptr_t>(index[low - 1].entry);
}

}  // namespace

bool FindFunctionTable(const LoadedModule& module, uintptr_t address,
                       FunctionTable* table) {
  constexpr uint8_t kVersion = 1;
  constexpr uint8_t kSortedTable = kPointerFromData | kPointerSigned4;
  const uintptr_t header = module.eh_frame_hdr;
  if (header < module.start || header >= module.end) return false;
  DwarfReader reader(header, module.end);
  const uint8_t version = reader.Fixed<uint8_t>();
  const uint8_t eh_frame_encoding = reader.Fixed<uint8_t>();
  const uint8_t count_encoding = reader.Fixed<uint8_t>();
  const uint8_t table_encoding = reader.Fixed<uint8_t>();
  const uintptr_t eh_frame = reader.Pointer(eh_frame_encoding, header);
  if (!reader.ok() || version != kVersion) return false;
  if (table_encoding != kSortedTable || count_encoding == kPointerOmitted) {
    return FindByScan(module, eh_frame, address, table);
  }
  const size_t count = reader.Pointer(count_encoding, header);
  const uintptr_t rows = reader.position();
  if (!reader.ok() || count > (module.end - rows) / sizeof(IndexRow)) {
    return false;
  }
  const uintptr_t entry = SearchIndex(header, rows, count, address);
  return entry != 0 && ReadFunctionEntry(module, entry, address, table);
}

}  // namespace dbgalloc::stack
