// Many allocations from many stacks: ROUNDS times STACKS (up to 2048), and a
// heap of MEBIBYTES besides. Ends cleanly where there is no memory.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

unsigned seed = 0;  // of the path that is taken
unsigned sum = 0;

}  // namespace

[[gnu::noinline]] void Allocate() {
  void* block = std::malloc(16 + seed % 100);
  asm volatile("" : "+r"(block) : : "memory");
  if (block == nullptr) _exit(3);
  sum += seed;
  std::free(block);
}

// The bits of `path` choose the calls, and so the stack: one frame a bit.
[[gnu::noinline]] void Left(unsigned path, int depth);
[[gnu::noinline]] void Right(unsigned path, int depth);

[[gnu::always_inline]] inline void Descend(unsigned path, int depth) {
  if (depth == 0) {
    Allocate();
  } else if (path & 1) {
    Left(path >> 1, depth - 1);
  } else {
    Right(path >> 1, depth - 1);
  }
  asm volatile("" ::: "memory");  // not a tail call
}

void Left(unsigned path, int depth) { Descend(path, depth); }

void Right(unsigned path, int depth) { Descend(path, depth); }

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 10;
  const unsigned stacks =
      argc > 2 ? static_cast<unsigned>(std::atoi(argv[2])) : 50;
  const size_t mebibytes =
      argc > 3 ? static_cast<size_t>(std::atoi(argv[3])) : 0;
  for (size_t i = 0; i < mebibytes; ++i) {
    void* block = std::malloc(1 << 20);
    if (block == nullptr) _exit(3);
    std::memset(block, 1, 1 << 20);
  }
  for (seed = 0; seed < stacks; ++seed) {
    for (int round = 0; round < rounds; ++round) Descend(seed, 11);
  }
  char text[32];
  const int size = std::snprintf(text, sizeof(text), "%u\n", sum);
  return write(1, text, static_cast<size_t>(size)) == size ? 0 : 4;
}
