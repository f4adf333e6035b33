// Plays a kernel with larger pages than this one's, for a test that is linked
// with this: DBGALLOC_TEST_PAGE_SIZE says how large. Where such a kernel would
// refuse an address or a size, this does, too; what it would round, this
// rounds.
#include <dlfcn.h>
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

uintptr_t FakePage() {
  static const uintptr_t page = [] {
    const char* text = getenv("DBGALLOC_TEST_PAGE_SIZE");
    return text == nullptr ? uintptr_t{4096} : strtoul(text, nullptr, 10);
  }();
  return page;
}

bool IsWhole(const void* address) {
  return reinterpret_cast<uintptr_t>(address) % FakePage() == 0;
}

size_t Whole(size_t size) {
  const size_t rounded = (size + FakePage() - 1) & ~(FakePage() - 1);
  return rounded < size ? size : rounded;
}

void* RawMap(void* address, size_t size, int protection, int flags, int file,
             off_t offset) {
#if defined(SYS_mmap2)
  constexpr int kOffsetUnit = 4096;
  return reinterpret_cast<void*>(syscall(SYS_mmap2, address, size, protection,
                                         flags, file, offset / kOffsetUnit));
#else
  return reinterpret_cast<void*>(
      syscall(SYS_mmap, address, size, protection, flags, file, offset));
#endif
}

// At a multiple of the fake page.
void* MapWhole(size_t size, int protection, int flags, int file, off_t offset) {
  const size_t all = size + FakePage();
  if (all < size) {
    errno = ENOMEM;
    return MAP_FAILED;
  }
  void* slack = RawMap(nullptr, all, PROT_NONE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (slack == MAP_FAILED) return slack;
  const auto begin = reinterpret_cast<uintptr_t>(slack);
  const uintptr_t whole = Whole(begin);
  if (whole != begin) syscall(SYS_munmap, begin, whole - begin);
  syscall(SYS_munmap, whole + size, begin + all - whole - size);
  return RawMap(reinterpret_cast<void*>(whole), size, protection,
                flags | MAP_FIXED, file, offset);
}

template <typename Result>
Result Refuse(Result result) {
  errno = EINVAL;
  return result;
}

}  // namespace

extern "C" long sysconf(int name) {
  if (name == _SC_PAGESIZE) return static_cast<long>(FakePage());
  using Function = long(int);
  static const auto real =
      reinterpret_cast<Function*>(dlsym(RTLD_NEXT, "sysconf"));
  return real(name);
}

extern "C" int getpagesize() { return static_cast<int>(FakePage()); }

extern "C" void* mmap(void* address, size_t size, int protection, int flags,
                      int file, off_t offset) {
  if ((flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) != 0) {
    if (!IsWhole(address)) return Refuse(MAP_FAILED);
    return RawMap(address, Whole(size), protection, flags, file, offset);
  }
  return MapWhole(Whole(size), protection, flags, file, offset);
}

extern "C" int munmap(void* address, size_t size) {
  if (!IsWhole(address)) return Refuse(-1);
  return static_cast<int>(syscall(SYS_munmap, address, Whole(size)));
}

extern "C" int mprotect(void* address, size_t size, int protection) {
  if (!IsWhole(address)) return Refuse(-1);
  return static_cast<int>(
      syscall(SYS_mprotect, address, Whole(size), protection));
}

extern "C" int madvise(void* address, size_t size, int advice) {
  if (!IsWhole(address)) return Refuse(-1);
  return static_cast<int>(syscall(SYS_madvise, address, Whole(size), advice));
}

extern "C" void* mremap(void* address, size_t old_size, size_t new_size,
                        int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  void* target = va_arg(arguments, void*);
  va_end(arguments);
  const bool is_fixed = (flags & MREMAP_FIXED) != 0;
  if (!IsWhole(address) || (is_fixed && !IsWhole(target))) {
    return Refuse(MAP_FAILED);
  }
  return reinterpret_cast<void*>(syscall(SYS_mremap, address, Whole(old_size),
                                         Whole(new_size), flags, target));
}
