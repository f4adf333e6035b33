// What this code asks of an operating system, as C++20 concepts: one concept a
// service. A service is a header of free functions (pages.h, thread.h, ...),
// which says in words what each does; a type whose static members are those
// functions models the service's concept. So the compiler compares signatures,
// and conformance_test.cc, which is written against the concepts, holds every
// platform and every fake to the words.
//
//   pages.h, in words --> VirtualMemory --> SystemPages (platform_services.h)
//                                       --> a fake of a test
//
// All of it may be called from signal handlers, never calls malloc unless the
// service's header says so, leaves the error number of the C library (and that
// of the system) as it was, and tells failure by its return value.
#ifndef DBGALLOC_ALLOC_OS_CONTRACT_H_
#define DBGALLOC_ALLOC_OS_CONTRACT_H_

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace dbgalloc::os {

// --- What every platform has ---

// Whole pages (pages.h).
template <typename P>
concept VirtualMemory = requires(void* address, size_t size, bool writable) {
  { P::PageSize() } -> std::same_as<size_t>;
  { P::AddressSpaceLimit() } -> std::same_as<size_t>;
  // Null: refused.
  { P::MapPages(size, size) } -> std::same_as<void*>;
  { P::MapHugePages(size, size) } -> std::same_as<void*>;
  { P::ReservePages(size) } -> std::same_as<void*>;
  { P::ReleasePages(address, size) } -> std::same_as<void>;
  // False: refused.
  { P::CommitPages(address, size) } -> std::same_as<bool>;
  { P::SetPagesWritable(address, size, writable) } -> std::same_as<bool>;
  { P::DiscardPages(address, size) } -> std::same_as<bool>;
  { P::RetirePages(address, size) } -> std::same_as<bool>;
  { P::ReactivatePages(address, size) } -> std::same_as<bool>;
  { P::FoldPages(address, size) } -> std::same_as<bool>;
  { P::ClosePages(address, size) } -> std::same_as<bool>;
  { P::OpenPages(address, size) } -> std::same_as<bool>;
  // A platform may refuse these always: callers copy then.
  { P::GrowInPlace(address, size, size) } -> std::same_as<bool>;
  { P::MovePages(address, size, size) } -> std::same_as<void*>;
  { P::MoveContents(address, address, size) } -> std::same_as<bool>;
  // Hints.
  { P::PreferLargePages(address, size) } -> std::same_as<void>;
  { P::AvoidLargePages(address, size) } -> std::same_as<void>;
  { P::ResidentBytes(address, size) } -> std::same_as<size_t>;
};

// Whether memory can be read, without trying (memory_probe.h).
template <typename P>
concept MemoryProbe = requires(uintptr_t address) {
  { P::IsReadable(address) } -> std::same_as<bool>;
};

// How much memory there is and may be (process_memory.h).
template <typename P>
concept MemoryFigures = requires {
  { P::MappingCount() } -> std::same_as<size_t>;
  { P::MappingLimit() } -> std::same_as<size_t>;
  { P::ProcessResidentBytes() } -> std::same_as<size_t>;
  { P::ControlGroupLimit() } -> std::same_as<size_t>;
  { P::MachineMemory() } -> std::same_as<size_t>;
};

// Rights to pages that belong to a thread (protection_keys.h). A platform
// without them never gives a key.
template <typename P>
concept PageRights = requires(void* address, size_t size, int key,
                              typename P::Rights rights) {
  { P::AllocateProtectionKey() } -> std::same_as<int>;
  { P::FreeProtectionKey(key) } -> std::same_as<void>;
  { P::AssignProtectionKey(address, size, key) } -> std::same_as<bool>;
  { P::SetKeyRights(key, rights) } -> std::same_as<void>;
};

// Threads as reports tell of them (thread.h).
template <typename P>
concept Threads = requires(uint32_t thread, int kernel_id, char* buffer,
                           size_t capacity) {
  { P::CurrentThread() } -> std::same_as<uint32_t>;
  { P::ThreadName(thread, buffer, capacity) } -> std::same_as<size_t>;
  { P::KernelThreadId(thread) } -> std::same_as<int>;
  { P::FindThread(kernel_id) } -> std::same_as<uint32_t>;
  { P::RememberCurrentThreadName() } -> std::same_as<void>;
  { P::CurrentStackBounds().low } -> std::convertible_to<uintptr_t>;
  { P::CurrentStackBounds().high } -> std::convertible_to<uintptr_t>;
  { P::MayHaveThreads() } -> std::same_as<bool>;
  { P::IsMainThread() } -> std::same_as<bool>;
  { P::Yield() } -> std::same_as<void>;
  { P::ResetThreadsAfterFork() } -> std::same_as<void>;
};

// Word of the ends of threads and of forks (thread_end.h). A platform that
// cannot fork takes the functions and never calls them.
template <typename P>
concept ThreadEnds = requires(void (*function)()) {
  { P::CallAtThreadEnd(function) } -> std::same_as<bool>;
  { P::CallAroundFork(function, function, function) } -> std::same_as<bool>;
};

// Threads of ours (helper_thread.h).
template <typename P>
concept HelperThreads = requires(void (*work)(void*), void* argument,
                                 uint64_t nanoseconds) {
  { P::StartHelperThread(work, argument) } -> std::same_as<bool>;
  { P::SleepNanoseconds(nanoseconds) } -> std::same_as<void>;
};

// Memory faults, ours to look at before the program's (fault_signals.h).
template <typename P>
concept Faults = requires(typename P::Handler handler) {
  { P::HandleFaults(handler) } -> std::same_as<void>;
};

// A stop for a debugger (trap.h).
template <typename P>
concept Traps = requires {
  { P::RaiseTrap() } -> std::same_as<void>;
};

// Descriptors without buffers, and ends without handlers (raw_io.h).
template <typename P>
concept RawFiles = requires(int descriptor, const char* path, char* buffer,
                            size_t capacity, std::string_view text, bool& cut) {
  { P::WriteAll(descriptor, text) } -> std::same_as<bool>;
  { P::OpenForAppend(path) } -> std::same_as<int>;
  { P::OpenToContinue(path, text, cut) } -> std::same_as<int>;
  { P::OpenForReading(path) } -> std::same_as<int>;
  { P::ReadSome(descriptor, buffer, capacity) } -> std::same_as<ptrdiff_t>;
  { P::ReadFile(path, buffer, capacity) } -> std::same_as<ptrdiff_t>;
  { P::Close(descriptor) } -> std::same_as<void>;
  { P::IsTerminal(descriptor) } -> std::same_as<bool>;
};

// Parts of files in memory (file_view.h).
template <typename P>
concept FileViews = requires(int descriptor, uint64_t offset, size_t size,
                             typename P::View* view) {
  { P::MapFileView(descriptor, offset, size, view) } -> std::same_as<bool>;
  { P::UnmapFileView(*view) } -> std::same_as<void>;
};

// The process itself: its environment and its name (env.h).
template <typename P>
concept Surroundings = requires(const char* name) {
  { P::EnvironmentIsKnown() } -> std::same_as<bool>;
  { P::GetEnv(name) } -> std::same_as<const char*>;
  { P::IsSecureExecution() } -> std::same_as<bool>;
  { P::ProgramPath() } -> std::same_as<std::string_view>;
  { P::ProgramFile() } -> std::same_as<const char*>;
  { P::ProgramName() } -> std::same_as<std::string_view>;
  { P::ExecutedPath() } -> std::same_as<std::string_view>;
  { P::ExecutedName() } -> std::same_as<std::string_view>;
  { P::ProcessId() } -> std::same_as<int>;
};

// How the process ends (process_end.h, raw_io.h).
template <typename P>
concept ProcessEnds = requires(int (*handler)(int), int status) {
  { P::AtProcessEnd(handler) } -> std::same_as<bool>;
  { P::ExitNow(status) } -> std::same_as<void>;
  { P::AbortNow() } -> std::same_as<void>;
};

// Time since an arbitrary start (clock.h).
template <typename P>
concept Clock = requires {
  { P::MonotonicNanoseconds() } -> std::same_as<uint64_t>;
  { P::MonotonicTickMilliseconds() } -> std::same_as<uint64_t>;
};

// Numbers that nobody foresees (random.h).
template <typename P>
concept Randomness = requires {
  { P::RandomNumber() } -> std::same_as<uint64_t>;
};

}  // namespace dbgalloc::os

#endif  // DBGALLOC_ALLOC_OS_CONTRACT_H_
