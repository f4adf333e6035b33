// A library that the programs load: it keeps blocks in its data and in its
// thread locals.
#include <stdlib.h>

namespace {

void* kept;
thread_local void* local;

struct FreedWhenClosed {
  ~FreedWhenClosed() { free(block); }
  void* block = nullptr;
};
FreedWhenClosed freed_when_closed;

}  // namespace

extern "C" {
void KeepGlobal(void* block) { kept = block; }
void* Global() { return kept; }
void KeepLocal(void* block) { local = block; }
void* Local() { return local; }
void FreeWhenClosed(void* block) { freed_when_closed.block = block; }
}  // extern "C"
