#include "tools/symbolize/module_file.h"

#include <elf.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <vector>

namespace dbgalloc::symbolize {
namespace {

// A part of a file; "" where it ends before.
std::string ReadPart(std::ifstream& file, uint64_t offset, uint64_t size) {
  constexpr uint64_t kLargestPart = uint64_t{1} << 20;
  if (size > kLargestPart) return "";
  std::string part(size, '\0');
  file.clear();
  file.seekg(static_cast<std::streamoff>(offset));
  file.read(part.data(), static_cast<std::streamsize>(size));
  return file ? part : "";
}

template <typename T>
bool ReadStruct(std::ifstream& file, uint64_t offset, T* value) {
  const std::string part = ReadPart(file, offset, sizeof(T));
  if (part.size() != sizeof(T)) return false;
  std::memcpy(value, part.data(), sizeof(T));
  return true;
}

std::string Hexadecimal(std::string_view bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (char byte : bytes) {
    text += kDigits[static_cast<unsigned char>(byte) >> 4];
    text += kDigits[static_cast<unsigned char>(byte) & 15];
  }
  return text;
}

// The build id among notes, one behind the other.
std::string BuildIdIn(std::string_view notes) {
  const auto rounded = [](size_t size) { return (size + 3) & ~size_t{3}; };
  Elf64_Nhdr note;
  while (notes.size() >= sizeof(note)) {
    std::memcpy(&note, notes.data(), sizeof(note));
    notes.remove_prefix(sizeof(note));
    const size_t name_size = rounded(note.n_namesz);
    const size_t size = name_size + rounded(note.n_descsz);
    if (size < name_size || size > notes.size()) return "";
    if (note.n_type == NT_GNU_BUILD_ID &&
        notes.substr(0, note.n_namesz) == std::string_view("GNU\0", 4)) {
      return Hexadecimal(notes.substr(name_size, note.n_descsz));
    }
    notes.remove_prefix(size);
  }
  return "";
}

}  // namespace

std::string BuildIdOf(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  Elf64_Ehdr header;
  if (!ReadStruct(file, 0, &header) ||
      std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 ||
      header.e_ident[EI_CLASS] != ELFCLASS64) {
    return "";
  }
  for (size_t i = 0; i < header.e_shnum; ++i) {
    Elf64_Shdr section;
    if (!ReadStruct(file, header.e_shoff + i * sizeof(section), &section)) {
      return "";
    }
    if (section.sh_type != SHT_NOTE) continue;
    const std::string id =
        BuildIdIn(ReadPart(file, section.sh_offset, section.sh_size));
    if (!id.empty()) return id;
  }
  return "";
}

std::string FindModuleFile(const std::string& module,
                           const std::string& build_id,
                           const std::vector<std::string>& folders) {
  std::vector<std::string> candidates;
  const std::string name = std::filesystem::path(module).filename();
  for (const std::string& folder : folders) {
    if (build_id.size() > 2) {
      candidates.push_back(folder + "/.build-id/" + build_id.substr(0, 2) +
                           "/" + build_id.substr(2) + ".debug");
    }
    candidates.push_back(folder + "/" + module);
    candidates.push_back(folder + "/" + name);
  }
  candidates.push_back(module);
  for (const std::string& candidate : candidates) {
    std::error_code ignored;
    if (!std::filesystem::is_regular_file(candidate, ignored)) continue;
    if (build_id.empty() || BuildIdOf(candidate) == build_id) return candidate;
  }
  return "";
}

}  // namespace dbgalloc::symbolize
