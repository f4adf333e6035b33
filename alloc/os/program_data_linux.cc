#include <link.h>
#include <pthread.h>

#include "alloc/os/program_data.h"

namespace dbgalloc::os {
namespace {

// Thread locals farther away than this were allocated when they were first
// used.
constexpr uintptr_t kLargestStaticBlock = uintptr_t{1} << 20;

struct Visit {
  void (*visit)(void* context, uintptr_t begin, uintptr_t end);
  void* context;
  uintptr_t descriptor;
  size_t local_bytes;
};

int VisitModule(struct dl_phdr_info* info, size_t size, void* argument) {
  Visit& visit = *static_cast<Visit*>(argument);
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr)& header = info->dlpi_phdr[i];
    if (header.p_type != PT_LOAD || (header.p_flags & PF_W) == 0) continue;
    const uintptr_t begin = info->dlpi_addr + header.p_vaddr;
    visit.visit(visit.context, begin & ~(sizeof(uintptr_t) - 1),
                begin + header.p_memsz);
  }
  if (size >= sizeof(*info)) {
    const uintptr_t locals = reinterpret_cast<uintptr_t>(info->dlpi_tls_data);
    const uintptr_t before = visit.descriptor - locals;
    if (locals != 0 && before < kLargestStaticBlock &&
        before > visit.local_bytes) {
      visit.local_bytes = before;
    }
  }
  return 0;
}

}  // namespace

size_t ForEachDataSegment(void (*visit)(void* context, uintptr_t begin,
                                        uintptr_t end),
                          void* context) {
  Visit state{visit, context, ThreadDescriptor(), 0};
  dl_iterate_phdr(&VisitModule, &state);
  return state.local_bytes;
}

uintptr_t ThreadDescriptor() { return static_cast<uintptr_t>(pthread_self()); }

bool LooksLikeDescriptor([[maybe_unused]] uintptr_t address) {
#if defined(__x86_64__)
  const auto* words = reinterpret_cast<const uintptr_t*>(address);
  return words[0] == address && words[2] == address;
#else
  return false;
#endif
}

uintptr_t DynamicLocalsOf([[maybe_unused]] uintptr_t descriptor) {
#if defined(__x86_64__)
  return reinterpret_cast<const uintptr_t*>(descriptor)[1];
#else
  return 0;
#endif
}

}  // namespace dbgalloc::os
