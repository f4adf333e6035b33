// Descriptors are the C library's, what is read and written goes past it: it
// would change line ends, and take locks.
#include <errno.h>
#include <fcntl.h>
#include <io.h>

#include "alloc/os/errno_keeper.h"
#include "alloc/os/raw_io.h"
#include "alloc/os/windows_api.h"

namespace dbgalloc::os {
namespace {

constexpr DWORD kShareAll =
    FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;

// INVALID_HANDLE_VALUE: there is no such descriptor.
HANDLE HandleOf(int descriptor) {
  ErrnoKeeper keeper;
  if (descriptor < 0) return INVALID_HANDLE_VALUE;
  return reinterpret_cast<HANDLE>(_get_osfhandle(descriptor));
}

// -1: refused.
int Open(const char* path, DWORD access, DWORD disposition, int flags) {
  const HANDLE file = CreateFileA(path, access, kShareAll, nullptr, disposition,
                                  FILE_ATTRIBUTE_NORMAL, nullptr);
  if (file == INVALID_HANDLE_VALUE) return -1;
  ErrnoKeeper keeper;
  const int descriptor = _open_osfhandle(reinterpret_cast<intptr_t>(file),
                                         flags | _O_BINARY | _O_NOINHERIT);
  if (descriptor < 0) CloseHandle(file);
  return descriptor;
}

ptrdiff_t ReadFrom(HANDLE file, char* buffer, size_t capacity) {
  constexpr size_t kMost = size_t{1} << 30;
  DWORD got = 0;
  const auto wanted = static_cast<DWORD>(capacity < kMost ? capacity : kMost);
  if (::ReadFile(file, buffer, wanted, &got, nullptr)) return got;
  // The other end of a pipe was closed.
  return GetLastError() == ERROR_BROKEN_PIPE ? 0 : -1;
}

// As errno has it.
int ErrorNumber() {
  switch (GetLastError()) {
    case ERROR_FILE_NOT_FOUND:
    case ERROR_PATH_NOT_FOUND:
    case ERROR_INVALID_NAME:
      return ENOENT;
    case ERROR_ACCESS_DENIED:
    case ERROR_SHARING_VIOLATION:
      return EACCES;
    default:
      return EIO;
  }
}

ptrdiff_t ReadWhole(HANDLE file, char* buffer, size_t capacity) {
  size_t size = 0;
  for (;;) {
    const bool full = size == capacity;
    char beyond;
    const ptrdiff_t got = full ? ReadFrom(file, &beyond, 1)
                               : ReadFrom(file, buffer + size, capacity - size);
    if (got < 0) return -ErrorNumber();
    if (got == 0) return static_cast<ptrdiff_t>(size);
    if (full) return -EFBIG;
    size += static_cast<size_t>(got);
  }
}

// Cuts `tail` off a file that ends with it.
bool CutTail(HANDLE file, std::string_view tail) {
  char bytes[64];
  LARGE_INTEGER size;
  if (tail.size() > sizeof(bytes) || !GetFileSizeEx(file, &size)) return false;
  LARGE_INTEGER begin;
  begin.QuadPart = size.QuadPart - static_cast<LONGLONG>(tail.size());
  if (begin.QuadPart < 0 ||
      !SetFilePointerEx(file, begin, nullptr, FILE_BEGIN)) {
    return false;
  }
  const ptrdiff_t got = ReadFrom(file, bytes, tail.size());
  return got == static_cast<ptrdiff_t>(tail.size()) &&
         std::string_view(bytes, tail.size()) == tail &&
         SetFilePointerEx(file, begin, nullptr, FILE_BEGIN) &&
         SetEndOfFile(file);
}

}  // namespace

bool WriteAll(int descriptor, std::string_view text) {
  LastErrorKeeper keeper;
  const HANDLE file = HandleOf(descriptor);
  while (!text.empty()) {
    DWORD written = 0;
    if (!WriteFile(file, text.data(), static_cast<DWORD>(text.size()), &written,
                   nullptr) ||
        written == 0) {
      return false;
    }
    text = {text.data() + written, text.size() - written};
  }
  return true;
}

int OpenForAppend(const char* path) {
  LastErrorKeeper keeper;
  return Open(path, FILE_APPEND_DATA | SYNCHRONIZE, OPEN_ALWAYS, _O_APPEND);
}

// A handle that appends only cannot cut.
int OpenToContinue(const char* path, std::string_view tail, bool& cut) {
  LastErrorKeeper keeper;
  cut = false;
  const HANDLE file =
      CreateFileA(path, GENERIC_READ | GENERIC_WRITE, kShareAll, nullptr,
                  OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL, nullptr);
  if (file != INVALID_HANDLE_VALUE) {
    cut = CutTail(file, tail);
    CloseHandle(file);
  }
  return OpenForAppend(path);
}

int OpenNew(const char* path) {
  LastErrorKeeper keeper;
  return Open(path, FILE_APPEND_DATA | SYNCHRONIZE, CREATE_NEW, _O_APPEND);
}

int OpenForReading(const char* path) {
  LastErrorKeeper keeper;
  return Open(path, GENERIC_READ, OPEN_EXISTING, _O_RDONLY);
}

std::ptrdiff_t ReadSome(int descriptor, char* buffer, std::size_t capacity) {
  LastErrorKeeper keeper;
  return ReadFrom(HandleOf(descriptor), buffer, capacity);
}

std::ptrdiff_t ReadFile(const char* path, char* buffer, std::size_t capacity) {
  LastErrorKeeper keeper;
  const HANDLE file =
      CreateFileA(path, GENERIC_READ, kShareAll, nullptr, OPEN_EXISTING,
                  FILE_ATTRIBUTE_NORMAL, nullptr);
  if (file == INVALID_HANDLE_VALUE) return -ErrorNumber();
  const ptrdiff_t size = ReadWhole(file, buffer, capacity);
  CloseHandle(file);
  return size;
}

void Close(int descriptor) {
  LastErrorKeeper keeper;
  ErrnoKeeper errno_keeper;
  if (descriptor >= 0) _close(descriptor);
}

bool IsTerminal(int descriptor) {
  LastErrorKeeper keeper;
  DWORD mode;
  return GetConsoleMode(HandleOf(descriptor), &mode) != 0;
}

void ExitNow(int status) {
  TerminateProcess(GetCurrentProcess(), static_cast<UINT>(status));
  __builtin_trap();
}

// Leaves a dump where the system is set to keep them.
void AbortNow() {
  RaiseFailFastException(nullptr, nullptr, 0);
  ExitNow(3);
}

}  // namespace dbgalloc::os
