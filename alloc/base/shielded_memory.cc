#include "alloc/base/shielded_memory.h"

#include <new>

#include "alloc/base/spin_lock.h"
#include "alloc/base/state_shield.h"
#include "alloc/os/pages.h"
#include "alloc/os/protection_keys.h"

namespace dbgalloc::base {
namespace {

// Tried in this order: a limit on address space may forbid the first.
constexpr auto kMostReserved = static_cast<size_t>(
    sizeof(size_t) == 8 ? uint64_t{64} << 30 : uint64_t{256} << 20);
constexpr size_t kFewestReserved = size_t{64} << 20;
// Made usable at once.
constexpr size_t kUsableStep = size_t{16} << 20;

// Memory that was given back: stands at its beginning.
struct FreePiece {
  FreePiece* next;
  size_t size;
};

struct Shield {
  ShieldMode mode = ShieldMode::kOff;
  int key = os::kNoProtectionKey;
  uintptr_t begin = 0;
  uintptr_t end = 0;
  // Under the lock:
  SpinLock lock;
  uintptr_t taken_end = 0;
  uintptr_t usable_end = 0;
  FreePiece* free_pieces = nullptr;
  uint32_t threads_inside = 0;  // kMprotect
};

constinit Shield shield;

// How many scopes of this thread are open.
[[gnu::tls_model("initial-exec")]] constinit thread_local uint32_t depth = 0;

void* Pointer(uintptr_t address) { return reinterpret_cast<void*>(address); }

// --- By key: fixed values, never "as it was before", so that it does not
// matter what a signal handler or a jump out of one left behind.

void OpenByKey() {
  ++depth;
  os::SetKeyRights(shield.key, os::KeyRights::kAll);
}

void CloseByKey() {
  if (--depth == 0) os::SetKeyRights(shield.key, os::KeyRights::kReadOnly);
}

uint32_t SuspendByKey() {
  uint32_t count = depth;
  depth = 0;
  os::SetKeyRights(shield.key, os::KeyRights::kReadOnly);
  return count;
}

void ResumeByKey(uint32_t count) {
  depth = count;
  if (count != 0) os::SetKeyRights(shield.key, os::KeyRights::kAll);
}

// --- By mprotect: the first thread in opens, the last one out closes.

void SetAccess(bool writable) {
  size_t size = shield.usable_end - shield.begin;
  if (size != 0) os::SetPagesWritable(Pointer(shield.begin), size, writable);
}

void EnterMprotect() {
  SpinLockHolder holder(shield.lock);
  if (shield.threads_inside++ == 0) SetAccess(true);
}

void LeaveMprotect() {
  SpinLockHolder holder(shield.lock);
  if (--shield.threads_inside == 0) SetAccess(false);
}

void OpenByMprotect() {
  if (depth++ == 0) EnterMprotect();
}

void CloseByMprotect() {
  if (--depth == 0) LeaveMprotect();
}

uint32_t SuspendByMprotect() {
  uint32_t count = depth;
  depth = 0;
  if (count != 0) LeaveMprotect();
  return count;
}

void ResumeByMprotect(uint32_t count) {
  depth = count;
  if (count != 0) EnterMprotect();
}

// --- Memory

bool Reserve() {
  for (size_t size = kMostReserved; size >= kFewestReserved; size /= 4) {
    void* begin = os::ReservePages(size);
    if (begin == nullptr) continue;
    shield.begin = reinterpret_cast<uintptr_t>(begin);
    shield.end = shield.begin + size;
    shield.taken_end = shield.begin;
    shield.usable_end = shield.begin;
    return true;
  }
  return false;
}

bool MakeUsable(uintptr_t begin, size_t size) {
  if (shield.mode == ShieldMode::kKeys) {
    return os::AssignProtectionKey(Pointer(begin), size, shield.key);
  }
  return os::SetPagesWritable(Pointer(begin), size, true);
}

// The lock is held.
bool ExtendTo(uintptr_t wanted_end) {
  if (wanted_end <= shield.usable_end) return true;
  if (wanted_end > shield.end) return false;
  size_t size = wanted_end - shield.usable_end;
  size = (size + kUsableStep - 1) & ~(kUsableStep - 1);
  if (size > shield.end - shield.usable_end) {
    size = shield.end - shield.usable_end;
  }
  if (!MakeUsable(shield.usable_end, size)) return false;
  shield.usable_end += size;
  return true;
}

// A piece of exactly this size. The lock is held.
void* TakeFreePiece(size_t size, size_t alignment) {
  for (FreePiece** link = &shield.free_pieces; *link != nullptr;
       link = &(*link)->next) {
    FreePiece* piece = *link;
    uintptr_t address = reinterpret_cast<uintptr_t>(piece);
    if (piece->size != size || (address & (alignment - 1)) != 0) continue;
    *link = piece->next;
    *piece = {};
    return piece;
  }
  return nullptr;
}

size_t WholePages(size_t size) {
  size_t mask = os::PageSize() - 1;
  return (size + mask) & ~mask;
}

void InstallHooks() {
  if (shield.mode == ShieldMode::kKeys) {
    state_shield = {&OpenByKey, &CloseByKey, &SuspendByKey, &ResumeByKey};
  } else {
    state_shield = {&OpenByMprotect, &CloseByMprotect, &SuspendByMprotect,
                    &ResumeByMprotect};
  }
}

}  // namespace

ShieldMode StartShield(ShieldMode wanted) {
  SpinLockHolder holder(shield.lock);
  if (shield.mode != ShieldMode::kOff || wanted == ShieldMode::kOff) {
    return shield.mode;
  }
  if (wanted == ShieldMode::kKeys) {
    shield.key = os::AllocateProtectionKey();
    if (shield.key == os::kNoProtectionKey) return ShieldMode::kOff;
  }
  if (!Reserve()) {
    if (wanted == ShieldMode::kKeys) os::FreeProtectionKey(shield.key);
    return ShieldMode::kOff;
  }
  shield.mode = wanted;
  InstallHooks();
  return wanted;
}

ShieldMode CurrentShieldMode() { return shield.mode; }

void* TakeShielded(size_t size, size_t alignment) {
  if (shield.mode == ShieldMode::kOff) return nullptr;
  if (alignment < os::PageSize()) alignment = os::PageSize();
  if (size > shield.end - shield.begin || alignment > size_t{1} << 30) {
    return nullptr;
  }
  size = WholePages(size);
  SpinLockHolder holder(shield.lock);
  void* piece = TakeFreePiece(size, alignment);
  if (piece != nullptr) return piece;
  uintptr_t begin = (shield.taken_end + alignment - 1) & ~(alignment - 1);
  if (!ExtendTo(begin + size)) return nullptr;
  shield.taken_end = begin + size;
  return Pointer(begin);
}

void GiveShielded(void* memory, size_t size) {
  size = WholePages(size);
  os::DiscardPages(memory, size);
  SpinLockHolder holder(shield.lock);
  shield.free_pieces = new (memory) FreePiece{shield.free_pieces, size};
}

bool IsShielded(uintptr_t address) {
  return address - shield.begin < shield.end - shield.begin;
}

void ResetShieldAfterFork() {
  if (shield.mode != ShieldMode::kMprotect) return;
  if (shield.lock.IsHeld()) shield.lock.Unlock();
  shield.threads_inside = depth == 0 ? 0 : 1;
  SetAccess(depth != 0);
}

}  // namespace dbgalloc::base
