// Allocates by each path through fourteen levels of two functions, and frees
// one block twice.
#include <cstdlib>

static void* blocks[1 << 14];

static void Left(int depth, int path);
static void Right(int depth, int path);

static void Descend(int depth, int path) {
  if (depth == 0) {
    blocks[path] = malloc(16);
    return;
  }
  Left(depth - 1, 2 * path);
  Right(depth - 1, 2 * path + 1);
}

static void Left(int depth, int path) { Descend(depth, path); }
static void Right(int depth, int path) { Descend(depth, path); }

int main() {
  Descend(14, 0);
  for (void* block : blocks) {
    if (block == nullptr) return 2;
    free(block);
  }
  void* last = blocks[(1 << 14) - 1];
  asm volatile("" : "+r"(last));
  free(last);
  return 0;
}
