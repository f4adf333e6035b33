// Bugs that show only when memory runs out, one for each verdict of a sweep.
// The first argument says which.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <string>

namespace {

// Hides a pointer from the optimizer, which may leave malloc out.
template <typename T>
T* Opaque(T* pointer) {
  asm volatile("" : "+r"(pointer) : : "memory");
  return pointer;
}

}  // namespace

// Ends with an error message, as it should.
[[gnu::noinline]] int Handled() {
  char* block = Opaque(static_cast<char*>(std::malloc(100)));
  if (block == nullptr) {
    static_cast<void>(!write(2, "out of memory\n", 14));
    return 3;
  }
  std::free(block);
  return 0;
}

[[gnu::noinline]] int Crashed() {
  char* block = Opaque(static_cast<char*>(std::malloc(100)));
  *static_cast<volatile char*>(block) = 'x';  // <- here
  std::free(block);
  return 0;
}

[[gnu::noinline]] int Hung() {
  void* block = nullptr;
  while (block == nullptr) {
    static bool failed = false;
    if (!failed) block = Opaque(std::malloc(100));
    failed = block == nullptr;
  }
  std::free(block);
  return 0;
}

[[gnu::noinline]] int Leaked() {
  char* first = Opaque(static_cast<char*>(std::malloc(100)));
  if (first == nullptr) return 3;
  char* second = Opaque(static_cast<char*>(std::malloc(200)));
  if (second == nullptr) {
    first = Opaque(static_cast<char*>(nullptr));  // <- the block is forgotten
    return 3;
  }
  std::free(first);
  std::free(second);
  return 0;
}

[[gnu::noinline]] int Corrupted() {
  char* first = Opaque(static_cast<char*>(std::malloc(100)));
  if (first == nullptr) return 3;
  char* second = Opaque(static_cast<char*>(std::malloc(200)));
  if (second == nullptr) std::free(Opaque(first));
  std::free(Opaque(first));  // <- the second time
  std::free(second);
  return 0;
}

[[gnu::noinline]] int Swallowed() {
  char* block = Opaque(static_cast<char*>(std::malloc(100)));
  const char* text = block == nullptr ? "nothing\n" : "everything\n";
  static_cast<void>(!write(1, text, std::strlen(text)));
  std::free(block);
  return 0;
}

[[gnu::noinline]] int Uncaught() {
  std::unique_ptr<std::string> text(new std::string(100, 'x'));
  return Opaque(text.get())->size() == 100 ? 0 : 4;
}

// Does its work otherwise in the folder of a copy, in which a sweep runs again
// what it cannot fork. The indices of its requests tell nothing then.
[[gnu::noinline]] int Nondeterministic() {
  char folder[4096];
  if (getcwd(folder, sizeof(folder)) == nullptr) return 4;
  const bool is_copy = std::strstr(folder, "/copy/") != nullptr;
  if (is_copy) {
    std::free(Opaque(std::malloc(100)));
    return 0;
  }
  std::free(Opaque(std::malloc(100)));  // <- there, another place asks for it
  std::free(Opaque(std::malloc(200)));  // <- there, nobody does
  return 0;
}

int main(int argc, char** argv) {
  const std::string which = argc > 1 ? argv[1] : "";
  if (which == "crashed") return Crashed();
  if (which == "hung") return Hung();
  if (which == "leaked") return Leaked();
  if (which == "corrupted") return Corrupted();
  if (which == "swallowed") return Swallowed();
  if (which == "uncaught") return Uncaught();
  if (which == "nondeterministic") return Nondeterministic();
  return Handled();
}
