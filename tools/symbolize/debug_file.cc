#include "tools/symbolize/debug_file.h"

#include <cxxabi.h>
#include <elf.h>
#include <link.h>

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <memory>

#include "alloc/stack/source_path.h"
#include "third_party/libbacktrace/libbacktrace.h"

namespace dbgalloc::symbolize {
namespace {

// Files that are damaged are no errors: less is known then.
void IgnoreError(void*, const char*, int) {}

std::string Readable(const char* symbol) {
  if (symbol == nullptr) return "";
  int status = 0;
  std::unique_ptr<char, void (*)(void*)> name(
      abi::__cxa_demangle(symbol, nullptr, nullptr, &status), std::free);
  return name != nullptr ? name.get() : symbol;
}

int AddFrame(void* frames, uintptr_t, const char* file, int line, int column,
             const char* function) {
  if (file == nullptr && function == nullptr) return 0;
  NamedFrame frame;
  frame.function = Readable(function);
  if (file != nullptr && line > 0) {
    const stack::SourcePath path = stack::ReadableSourcePath(file);
    frame.file = std::string(path.folder) + std::string(path.rest);
    frame.line = line;
    frame.column = column;
  }
  static_cast<std::vector<NamedFrame>*>(frames)->push_back(frame);
  return 0;
}

void KeepSymbol(void* name, uintptr_t, const char* symbol, uintptr_t,
                uintptr_t) {
  if (symbol != nullptr) *static_cast<std::string*>(name) = symbol;
}

// The program comes first.
int TakeFirstBias(dl_phdr_info* info, size_t, void* bias) {
  *static_cast<uint64_t*>(bias) = info->dlpi_addr;
  return 1;
}

bool IsLoadedAnywhere(const std::string& path) {
  Elf64_Ehdr header = {};
  std::ifstream file(path, std::ios::binary);
  file.read(reinterpret_cast<char*>(&header), sizeof(header));
  return header.e_type == ET_DYN;
}

}  // namespace

// The reader takes the file for the running program: where that is loaded, it
// looks for it.
DebugFile::DebugFile(const std::string& path) : path_(path) {
  if (IsLoadedAnywhere(path)) dl_iterate_phdr(TakeFirstBias, &bias_);
  constexpr int kOneThread = 0;
  state_ = dbgalloc_backtrace_create_state(path_.c_str(), kOneThread,
                                           IgnoreError, nullptr);
}

std::vector<NamedFrame> DebugFile::Find(uint64_t offset) {
  std::vector<NamedFrame> frames;
  if (state_ == nullptr || offset == 0) return frames;
  const uintptr_t address = bias_ + offset - 1;
  dbgalloc_backtrace_pcinfo(state_, address, AddFrame, IgnoreError, &frames);
  std::string symbol;
  dbgalloc_backtrace_syminfo(state_, address, KeepSymbol, IgnoreError, &symbol);
  if (symbol.empty()) return frames;
  if (frames.empty()) frames.emplace_back();
  // The symbol has the whole name of the function that was not inlined.
  NamedFrame& outermost = frames.back();
  if (outermost.function.empty() || symbol.rfind("_Z", 0) == 0) {
    outermost.function = Readable(symbol.c_str());
  }
  return frames;
}

}  // namespace dbgalloc::symbolize
