// Allocates TOTAL small blocks, of which at most LIVE are there at once, writes
// each to its last byte and reads it again before it goes.
//
//   many_blocks TOTAL LIVE [overflow]    overflow: then one byte too far
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

namespace {

constexpr size_t kSizes[] = {16, 32, 48, 64};

struct Block {
  unsigned char* bytes = nullptr;
  size_t size = 0;
};

bool IsWhole(const Block& block, unsigned char value) {
  for (size_t i = 0; i < block.size; ++i) {
    if (block.bytes[i] != value) return false;
  }
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  const size_t total = strtoull(argv[1], nullptr, 10);
  const size_t live = strtoull(argv[2], nullptr, 10);
  std::vector<Block> blocks(live);
  for (size_t i = 0; i < total; ++i) {
    // Neither first in, first out nor the reverse.
    const size_t at = live == total ? i : i * 0x9e3779b1 % live;
    Block& block = blocks[at];
    const auto value = static_cast<unsigned char>(at);
    if (!IsWhole(block, value)) return 3;
    free(block.bytes);
    block.size = kSizes[i % 4];
    block.bytes = static_cast<unsigned char*>(malloc(block.size));
    if (block.bytes == nullptr) return 4;
    memset(block.bytes, value, block.size);
  }
  if (argc > 3) {
    volatile unsigned char* first = blocks[0].bytes;
    first[blocks[0].size] = 1;
  }
  for (size_t at = 0; at < live; ++at) {
    if (!IsWhole(blocks[at], static_cast<unsigned char>(at))) return 3;
    free(blocks[at].bytes);
  }
  printf("%zu blocks\n", total);
  return 0;
}
