#include "alloc/stack/stack_hash.h"

#include <atomic>
#include <string_view>

#include "alloc/stack/modules.h"
#include "alloc/stack/stack_depot.h"

namespace dbgalloc::stack {
namespace {

constexpr auto kRelaxed = std::memory_order_relaxed;

// FNV-1a, 64 bits wide, and at the end the halves mixed.
class Hash {
 public:
  void Text(std::string_view text) {
    for (char c : text) Byte(static_cast<uint8_t>(c));
  }
  void Number(uint64_t number) {
    for (int shift = 0; shift < 64; shift += 8) {
      Byte(static_cast<uint8_t>(number >> shift));
    }
  }
  uint32_t Value() const {
    const uint64_t mixed = state_ * 0x9e3779b97f4a7c15u;
    const auto value = static_cast<uint32_t>(mixed >> 32);
    return value == 0 ? 1 : value;
  }

 private:
  void Byte(uint8_t byte) { state_ = (state_ ^ byte) * 0x100000001b3u; }

  uint64_t state_ = 0xcbf29ce484222325u;
};

std::string_view FileName(std::string_view path) {
  const size_t slash = path.rfind('/');
  if (slash != std::string_view::npos) path.remove_prefix(slash + 1);
  return path;
}

void AddFrame(Hash& hash, uintptr_t program_counter) {
  ModuleInfo module;
  if (!DescribeModule(program_counter, &module)) return hash.Number(0);
  const std::string_view build_id = module.build_id;
  hash.Text(build_id.empty() ? FileName(module.path) : build_id);
  hash.Number(module.offset);
}

// Hashes by id, each word an id and its hash; 0: none. An entry that another
// id has taken is worked out anew.
constexpr size_t kKnown = 8192;
constinit std::atomic<uint64_t> known_hashes[kKnown] = {};

}  // namespace

uint32_t HashStack(const uintptr_t* frames, size_t count) {
  Hash hash;
  for (size_t i = 0; i < count; ++i) AddFrame(hash, frames[i]);
  return hash.Value();
}

uint32_t StackHash(uint32_t id) {
  std::atomic<uint64_t>& known = known_hashes[id * 0x9e3779b9u >> 19];
  static_assert(kKnown == size_t{1} << (32 - 19));
  const uint64_t entry = known.load(kRelaxed);
  if (entry >> 32 == id && entry != 0) return static_cast<uint32_t>(entry);
  const uintptr_t* frames = nullptr;
  const size_t count = GlobalStackDepot().Get(id, &frames);
  if (count == 0) return 0;
  const uint32_t hash = HashStack(frames, count);
  known.store(uint64_t{id} << 32 | hash, kRelaxed);
  return hash;
}

}  // namespace dbgalloc::stack
