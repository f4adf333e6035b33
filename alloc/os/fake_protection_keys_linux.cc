#include <sys/mman.h>

#include "alloc/os/fake_protection_keys.h"
#include "alloc/os/pages.h"
#include "alloc/os/protection_keys.h"

namespace dbgalloc {
namespace {

constexpr int kKey = 5;

struct {
  char* begin = nullptr;
  size_t size = 0;
  int times_set = 0;
} assigned;

}  // namespace

namespace os {

int AllocateProtectionKey() { return kKey; }

void FreeProtectionKey(int /*key*/) {}

// Ranges follow each other, as shielded memory grows.
bool AssignProtectionKey(void* address, size_t size, int key) {
  if (key != kKey) return false;
  if (assigned.begin == nullptr) assigned.begin = static_cast<char*>(address);
  if (assigned.begin + assigned.size != address) return false;
  assigned.size += size;
  return SetPagesWritable(address, size, true);
}

void SetKeyRights(int key, KeyRights rights) {
  ++assigned.times_set;
  if (key != kKey || assigned.size == 0) return;
  SetPagesWritable(assigned.begin, assigned.size, rights == KeyRights::kAll);
}

void TakeAllRightsAway() { mprotect(assigned.begin, assigned.size, PROT_NONE); }

int RightsSet() { return assigned.times_set; }

}  // namespace os
}  // namespace dbgalloc
