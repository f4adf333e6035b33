#include "alloc/debug/protected_metadata.h"

#include <atomic>
#include <string_view>

#include "alloc/base/shielded_memory.h"
#include "alloc/base/text_writer.h"
#include "alloc/os/env.h"
#include "alloc/os/raw_io.h"
#include "dbgalloc/page_allocator.h"

namespace dbgalloc::debug {
namespace {

using base::ShieldMode;

class ShieldedPages final : public Allocator {
 public:
  constexpr ShieldedPages() = default;

  void* Allocate(size_t size, size_t alignment) override {
    return base::TakeShielded(size, alignment);
  }
  bool Resize(void* /*block*/, size_t /*size*/, size_t /*alignment*/,
              size_t /*new_size*/) override {
    return false;
  }
  void* Remap(void* /*block*/, size_t /*size*/, size_t /*alignment*/,
              size_t /*new_size*/) override {
    return nullptr;
  }
  void Deallocate(void* block, size_t size, size_t /*alignment*/) override {
    base::GiveShielded(block, size);
  }
  PageControl* page_control() override { return SystemPages().page_control(); }
};

constinit ShieldedPages shielded_pages;
constinit std::atomic<bool> has_said{false};

void Say(const Options& options, std::string_view what) {
  if (options.verbosity < 1 || has_said.exchange(true)) return;
  char buffer[256];
  base::TextWriter out(buffer, sizeof(buffer));
  out.Text("==").Dec(static_cast<uint64_t>(os::ProcessId()));
  out.Text("==NOTE: dbgalloc: protect_metadata: ").Text(what).Char('\n');
  os::WriteAll(os::kStandardError, out.view());
}

ShieldMode StartByMprotect(const Options& options) {
  ShieldMode mode = base::StartShield(ShieldMode::kMprotect);
  if (mode == ShieldMode::kOff) {
    Say(options, "refused by the kernel; the allocator's state is writable");
  }
  return mode;
}

ShieldMode StartByKeys(const Options& options) {
  ShieldMode mode = base::StartShield(ShieldMode::kKeys);
  if (mode != ShieldMode::kOff) return mode;
  Say(options,
      "no protection keys on this machine; mprotect serves instead, at two "
      "system calls an operation");
  return StartByMprotect(options);
}

// Where every block is guarded, the cost of a key does not show.
ShieldMode StartIfCheap(const Options& options) {
  if (options.guard != GuardChoice::kAll) return ShieldMode::kOff;
  ShieldMode mode = base::StartShield(ShieldMode::kKeys);
  if (mode == ShieldMode::kOff) {
    Say(options,
        "no protection keys on this machine; the allocator's state is "
        "writable");
  }
  return mode;
}

ShieldMode Start(const Options& options) {
  if (!options.safety) return ShieldMode::kOff;
  switch (options.protect_metadata) {
    case ProtectMetadataChoice::kOff:
      break;
    case ProtectMetadataChoice::kAuto:
      return StartIfCheap(options);
    case ProtectMetadataChoice::kPkeys:
      return StartByKeys(options);
    case ProtectMetadataChoice::kMprotect:
      return StartByMprotect(options);
  }
  return ShieldMode::kOff;
}

}  // namespace

Allocator* ProtectedMetadata(const Options& options) {
  return Start(options) == ShieldMode::kOff ? nullptr : &shielded_pages;
}

}  // namespace dbgalloc::debug
