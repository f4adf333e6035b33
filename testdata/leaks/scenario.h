// Small programs about leaks, all in one binary: `leaks NAME` runs one.
#ifndef DBGALLOC_TESTDATA_LEAKS_SCENARIO_H_
#define DBGALLOC_TESTDATA_LEAKS_SCENARIO_H_

#include <cstddef>
#include <cstdlib>

namespace leaks {

// What dlopen() finds the test's library by.
extern const char* library_path;

// One program; `run` is its main.
struct Scenario {
  Scenario(const char* scenario_name, void (*scenario_run)());
  const char* name;
  void (*run)();
  Scenario* next;
};

// Defines a program by its name.
#define LEAK_SCENARIO(name)                                          \
  static void Run_##name();                                          \
  static const ::leaks::Scenario scenario_##name(#name, Run_##name); \
  static void Run_##name()

// The optimizer knows nothing about what comes back.
[[gnu::noinline]] void* Opaque(void* pointer);
template <typename T>
T* Hide(T* pointer) {
  return static_cast<T*>(Opaque(pointer));
}

// A block of that many bytes, allocated by this function.
[[gnu::noinline]] void* Take(size_t size);

// Overwrites what earlier calls have left below the caller's frame.
[[gnu::noinline]] void ClearStack();

// Calls `make` and sees to it that no register or dead part of the stack keeps
// what it did.
void WithoutTrace(void (*make)());

}  // namespace leaks

#endif  // DBGALLOC_TESTDATA_LEAKS_SCENARIO_H_
