#include "alloc/report/user_frame.h"

namespace dbgalloc::report {
namespace {

// By hand, since a freestanding program has no memcmp.
bool StartsWith(std::string_view text, std::string_view start) {
  if (text.size() < start.size()) return false;
  for (size_t i = 0; i < start.size(); ++i) {
    if (text[i] != start[i]) return false;
  }
  return true;
}

bool Contains(std::string_view text, std::string_view part) {
  while (text.size() >= part.size()) {
    if (StartsWith(text, part)) return true;
    text.remove_prefix(1);
  }
  return false;
}

std::string_view BaseName(std::string_view path) {
  for (size_t i = path.size(); i > 0; --i) {
    if (path[i - 1] == '/') return {path.data() + i, path.size() - i};
  }
  return path;
}

template <size_t kCount>
bool StartsWithAny(std::string_view text,
                   const std::string_view (&starts)[kCount]) {
  for (std::string_view start : starts) {
    if (StartsWith(text, start)) return true;
  }
  return false;
}

constexpr std::string_view kRuntimeModules[] = {
    "libc.so",  "libc-",      "libstdc++",  "libc++",  "libgcc_s",
    "libm.so",  "libpthread", "ld-linux",   "ld-musl", "libdbgalloc",
    "libdl.so", "librt.so",   "linux-vdso", "ld.so",   "[vdso]",
};

constexpr std::string_view kRuntimeFunctions[] = {
    "std::",         "void std::",   "__gnu_cxx::",
    "__cxxabiv1::",  "operator new", "operator delete",
    "__libc_start_", "__cxa_",       "__do_global_dtors",
    "_start",
};

constexpr std::string_view kRuntimeFolders[] = {
    "/include/c++/",
    "/include/bits/",
    "/lib/gcc/",
};

// dbgalloc's own code between the user and an entry point, for example the
// adaptors for containers; its tests count as users.
bool IsOwnFrame(const FrameDescription& frame) {
  if (!Contains(frame.function, "dbgalloc::")) return false;
  const bool own_file =
      Contains(frame.file, "alloc/") || Contains(frame.file, "dbgalloc/");
  return own_file && !Contains(BaseName(frame.file), "_test.");
}

}  // namespace

bool IsHiddenFrame(const FrameDescription& frame) {
  return StartsWith(BaseName(frame.module), "libdbgalloc") ||
         StartsWith(frame.function, "dbgalloc::interpose::") ||
         Contains(frame.file, "alloc/interpose/start_main_");
}

bool IsUserFrame(const FrameDescription& frame) {
  if (frame.function.empty() && frame.file.empty() && frame.module.empty()) {
    return false;
  }
  if (StartsWithAny(BaseName(frame.module), kRuntimeModules)) return false;
  if (StartsWithAny(frame.function, kRuntimeFunctions)) return false;
  for (std::string_view folder : kRuntimeFolders) {
    if (Contains(frame.file, folder)) return false;
  }
  return !IsOwnFrame(frame);
}

}  // namespace dbgalloc::report
