// A heap for leak checks, all of it reachable: blocks of words, one word in so
// many a pointer to a block at random, the rest integers and text.
//
//   leak_heap [BLOCKS [WORDS [ONE_IN]]]   by default 1 GiB, a million blocks
#include <cstddef>
#include <cstdint>
#include <cstdlib>

namespace {

void** volatile table;
uint64_t seed = 88172645463325252;

uint64_t Random() {
  seed ^= seed << 13;
  seed ^= seed >> 7;
  seed ^= seed << 17;
  return seed;
}

size_t Argument(int argc, char** argv, int index, size_t otherwise) {
  if (index >= argc) return otherwise;
  return static_cast<size_t>(strtoull(argv[index], nullptr, 10));
}

}  // namespace

int main(int argc, char** argv) {
  const size_t blocks = Argument(argc, argv, 1, 1000000);
  const size_t words = Argument(argc, argv, 2, 128);
  const size_t one_in = Argument(argc, argv, 3, 64);
  table = static_cast<void**>(malloc(blocks * sizeof(void*)));
  for (size_t i = 0; i < blocks; ++i) table[i] = malloc(words * 8);
  for (size_t i = 0; i < blocks; ++i) {
    auto* block = static_cast<uint64_t*>(table[i]);
    for (size_t word = 0; word < words; ++word) {
      const uint64_t random = Random();
      if (word % one_in == one_in - 1) {
        block[word] = reinterpret_cast<uintptr_t>(table[random % blocks]);
      } else if ((random & 1) != 0) {
        block[word] = (random >> 8) & 0xffffff;
      } else {
        block[word] = 0x6f77206f6c6c6568;  // "hello wo"
      }
    }
  }
  return 0;
}
