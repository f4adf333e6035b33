// A mapping is one allocation of VirtualAlloc: addresses come and go with it as
// a whole, memory comes and goes page by page (committed, or only reserved).
// Nothing is mapped twice or moved, so what would do that is refused.

#include <atomic>

#include "alloc/os/pages.h"
#include "alloc/os/windows_api.h"

namespace dbgalloc::os {
namespace {

char* At(uintptr_t address) { return reinterpret_cast<char*>(address); }
uintptr_t NumberOf(const void* address) {
  return reinterpret_cast<uintptr_t>(address);
}

// Calls `change(address, size, state)` for each run of pages of one state in
// [begin, begin + size); no run belongs to two mappings. False: one of them was
// false, or nothing is mapped there.
template <typename Change>
bool ForEachRun(void* begin, size_t size, Change change) {
  uintptr_t at = NumberOf(begin);
  const uintptr_t end = at + size;
  bool succeeded = true;
  while (at < end) {
    MEMORY_BASIC_INFORMATION run;
    if (VirtualQuery(At(at), &run, sizeof(run)) == 0) return false;
    uintptr_t run_end = NumberOf(run.BaseAddress) + run.RegionSize;
    if (run_end > end) run_end = end;
    succeeded &= run.State != MEM_FREE && change(At(at), run_end - at, run);
    at = run_end;
  }
  return succeeded;
}

bool Decommit(void* address, size_t size) {
  return ForEachRun(address, size, [](void* run, size_t run_size, auto& state) {
    return state.State == MEM_RESERVE ||
           VirtualFree(run, run_size, MEM_DECOMMIT) != 0;
  });
}

bool Commit(void* address, size_t size) {
  return ForEachRun(address, size, [](void* run, size_t run_size, auto&) {
    return VirtualAlloc(run, run_size, MEM_COMMIT, PAGE_READWRITE) != nullptr;
  });
}

// Whether no page of [begin, ...) that belongs to the mapping at `base` has
// memory.
bool IsEmptyFrom(uintptr_t begin, const void* base) {
  MEMORY_BASIC_INFORMATION run;
  while (VirtualQuery(At(begin), &run, sizeof(run)) != 0 &&
         run.State != MEM_FREE && run.AllocationBase == base) {
    if (run.State == MEM_COMMIT) return false;
    begin = NumberOf(run.BaseAddress) + run.RegionSize;
  }
  return true;
}

// Somewhere else there is room for more; its aligned part is asked for, which
// another thread may take first.
void* MapAligned(size_t size, size_t alignment) {
  constexpr int kAttempts = 64;
  if (size + alignment < size) return nullptr;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    void* room =
        VirtualAlloc(nullptr, size + alignment, MEM_RESERVE, PAGE_NOACCESS);
    if (room == nullptr) return nullptr;
    const uintptr_t mask = alignment - 1;
    void* aligned = At((NumberOf(room) + mask) & ~mask);
    VirtualFree(room, 0, MEM_RELEASE);
    void* mapped =
        VirtualAlloc(aligned, size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    if (mapped != nullptr) return mapped;
  }
  return nullptr;
}

}  // namespace

size_t PageSize() {
  static constinit std::atomic<size_t> known{0};
  size_t size = known.load(std::memory_order_relaxed);
  if (size != 0) return size;
  SYSTEM_INFO information;
  GetSystemInfo(&information);
  size = information.dwPageSize;
  known.store(size, std::memory_order_relaxed);
  return size;
}

void* MapPages(size_t size, size_t alignment) {
  LastErrorKeeper keeper;
  void* mapped =
      VirtualAlloc(nullptr, size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
  if (mapped == nullptr || NumberOf(mapped) % alignment == 0) return mapped;
  VirtualFree(mapped, 0, MEM_RELEASE);
  return MapAligned(size, alignment);
}

// They need a right that programs do not have (SeLockMemoryPrivilege).
void* MapHugePages(size_t, size_t) { return nullptr; }

bool CommitPages(void* address, size_t size) {
  LastErrorKeeper keeper;
  return Decommit(address, size) && Commit(address, size);
}

void* ReservePages(size_t size) {
  LastErrorKeeper keeper;
  return VirtualAlloc(nullptr, size, MEM_RESERVE, PAGE_NOACCESS);
}

bool SetPagesWritable(void* address, size_t size, bool writable) {
  LastErrorKeeper keeper;
  const DWORD protection = writable ? PAGE_READWRITE : PAGE_READONLY;
  return ForEachRun(address, size, [=](void* run, size_t run_size, auto& was) {
    DWORD before;
    return was.State == MEM_COMMIT &&
           VirtualProtect(run, run_size, protection, &before) != 0;
  });
}

bool DiscardPages(void* address, size_t size) {
  return CommitPages(address, size);
}

bool RetirePages(void* address, size_t size) {
  LastErrorKeeper keeper;
  return Decommit(address, size);
}

bool FoldPages(void* address, size_t size) {
  return RetirePages(address, size);
}

bool ReactivatePages(void* address, size_t size) {
  LastErrorKeeper keeper;
  return Commit(address, size);
}

bool ClosePages(void* address, size_t size) {
  return RetirePages(address, size);
}

bool OpenPages(void* address, size_t size) {
  return ReactivatePages(address, size);
}

// The addresses go when the beginning of the mapping is released and nothing
// behind it has memory any more.
void ReleasePages(void* address, size_t size) {
  LastErrorKeeper keeper;
  uintptr_t at = NumberOf(address);
  const uintptr_t end = at + size;
  Decommit(address, size);
  MEMORY_BASIC_INFORMATION run;
  while (at < end && VirtualQuery(At(at), &run, sizeof(run)) != 0) {
    const uintptr_t run_end = NumberOf(run.BaseAddress) + run.RegionSize;
    if (run.State != MEM_FREE && NumberOf(run.AllocationBase) == at &&
        IsEmptyFrom(at, run.AllocationBase)) {
      VirtualFree(At(at), 0, MEM_RELEASE);
    }
    at = run_end;
  }
}

void* MovePages(void*, size_t, size_t) { return nullptr; }

void PreferLargePages(void*, size_t) {}

void AvoidLargePages(void*, size_t) {}

bool MoveContents(void*, void*, size_t) { return false; }

bool GrowInPlace(void* address, size_t old_size, size_t new_size) {
  if (new_size > old_size) return false;
  if (new_size < old_size) {
    ReleasePages(static_cast<char*>(address) + new_size, old_size - new_size);
  }
  return true;
}

size_t ResidentBytes(const void* address, size_t size) {
  LastErrorKeeper keeper;
  constexpr size_t kPagesAtOnce = 256;
  PSAPI_WORKING_SET_EX_INFORMATION pages[kPagesAtOnce];
  uintptr_t at = NumberOf(address);
  const uintptr_t end = at + size;
  size_t resident = 0;
  while (at < end) {
    DWORD count = 0;
    for (; count < kPagesAtOnce && at < end; ++count, at += PageSize()) {
      pages[count].VirtualAddress = At(at);
    }
    if (K32QueryWorkingSetEx(GetCurrentProcess(), pages,
                             count * sizeof(pages[0])) == 0) {
      continue;
    }
    for (DWORD i = 0; i < count; ++i) {
      resident += pages[i].VirtualAttributes.Valid;
    }
  }
  return resident * PageSize();
}

size_t AddressSpaceLimit() { return SIZE_MAX; }

}  // namespace dbgalloc::os
