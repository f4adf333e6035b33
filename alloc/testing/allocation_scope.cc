#include "dbgalloc/testing/allocation_scope.h"

#include <cstdlib>
#include <mutex>
#include <thread>

#include "dbgalloc/c_api.h"
#include "gtest/gtest.h"

namespace dbgalloc {

struct AllocationScope::State {
  CountedThreads threads;
  std::thread::id owner;
  AllocationCounts counts;
  int64_t live_bytes = 0;  // since the beginning; below 0 after frees
  uint32_t first_stack = 0;
  State* next = nullptr;
};

// All scopes that live. The observer runs inside malloc: what it calls must not
// need what the program may hold there, so the lock is this class's alone.
class AllocationScopes {
 public:
  static AllocationScopes& Instance() {
    static AllocationScopes* scopes = new AllocationScopes;  // never destroyed
    return *scopes;
  }

  void Add(AllocationScope::State& scope) {
    std::lock_guard<std::mutex> lock(mutex_);
    scope.next = first_;
    first_ = &scope;
    if (scope.next == nullptr) dbgalloc_set_observer(&Observe);
  }

  void Remove(AllocationScope::State& scope) {
    std::lock_guard<std::mutex> lock(mutex_);
    AllocationScope::State** link = &first_;
    while (*link != &scope) link = &(*link)->next;
    *link = scope.next;
    if (first_ == nullptr) dbgalloc_set_observer(nullptr);
  }

  AllocationScope::State Read(const AllocationScope::State& scope) {
    std::lock_guard<std::mutex> lock(mutex_);
    return scope;
  }

 private:
  using Operation = struct dbgalloc_operation;

  static void Observe(const Operation* operation) {
    AllocationScopes& scopes = Instance();
    std::lock_guard<std::mutex> lock(scopes.mutex_);
    const std::thread::id thread = std::this_thread::get_id();
    for (auto* scope = scopes.first_; scope != nullptr; scope = scope->next) {
      const bool is_counted =
          scope->threads == CountedThreads::kAll || scope->owner == thread;
      if (is_counted) Count(*operation, *scope);
    }
  }

  static void Count(const Operation& operation, AllocationScope::State& scope) {
    if (operation.kind != DBGALLOC_FREED) CountAllocation(operation, scope);
    if (operation.kind == DBGALLOC_FREED) {
      ++scope.counts.frees;
      CountFreedBytes(operation.size, scope);
    } else if (operation.kind == DBGALLOC_RESIZED) {
      CountFreedBytes(operation.old_size, scope);
    }
    if (scope.live_bytes > static_cast<int64_t>(scope.counts.peak_bytes)) {
      scope.counts.peak_bytes = static_cast<uint64_t>(scope.live_bytes);
    }
  }

  static void CountAllocation(const Operation& operation,
                              AllocationScope::State& scope) {
    if (scope.counts.allocations++ == 0) scope.first_stack = operation.stack;
    scope.counts.allocated_bytes += operation.size;
    scope.live_bytes += static_cast<int64_t>(operation.size);
  }

  static void CountFreedBytes(size_t bytes, AllocationScope::State& scope) {
    scope.counts.freed_bytes += bytes;
    scope.live_bytes -= static_cast<int64_t>(bytes);
  }

  std::mutex mutex_;
  AllocationScope::State* first_ = nullptr;
};

namespace {

constexpr char kNothingCounts[] =
    "an allocation budget was checked, but nothing in this program counts "
    "allocations: give the test malloc = \"@dbgalloc//:malloc\" (or "
    "--custom_malloc, or preload libdbgalloc.so)";

// Kept from the optimizer, which may leave out a pair.
void AllocateOnce() {
  void* (*volatile allocate)(size_t) = &std::malloc;
  void (*volatile release)(void*) = &std::free;
  release(allocate(1));
}

std::string Count(uint64_t count, const char* noun) {
  return std::to_string(count) + ' ' + noun + (count == 1 ? "" : "s");
}

}  // namespace

AllocationScope::AllocationScope(CountedThreads threads) : state_(nullptr) {
  if (dbgalloc_set_observer == nullptr) return;
  state_ = new State{threads, std::this_thread::get_id(), {}, 0, 0, nullptr};
  AllocationScopes::Instance().Add(*state_);
}

AllocationScope::~AllocationScope() {
  if (state_ == nullptr) return;
  AllocationScopes::Instance().Remove(*state_);
  delete state_;
}

bool AllocationScope::IsLive() {
  AllocationScope scope;
  AllocateOnce();
  return scope.counts().allocations == 1;
}

AllocationCounts AllocationScope::counts() const {
  if (state_ == nullptr) return {};
  return AllocationScopes::Instance().Read(*state_).counts;
}

std::string AllocationScope::FirstStack() const {
  if (state_ == nullptr || dbgalloc_format_stack == nullptr) return "";
  const uint32_t stack = AllocationScopes::Instance().Read(*state_).first_stack;
  std::string text(size_t{16} << 10, '\0');
  text.resize(dbgalloc_format_stack(stack, text.data(), text.size()));
  return text;
}

std::string AllocationBudget::Violations(const AllocationCounts& counts) const {
  std::string wrong;
  if (counts.allocations < least_allocations_ ||
      counts.allocations > most_allocations_) {
    const bool is_exact = least_allocations_ == most_allocations_;
    wrong += Count(counts.allocations, "allocation") + ", but " +
             (is_exact ? "exactly " : "at most ") +
             std::to_string(most_allocations_) + " expected\n";
  }
  if (counts.allocated_bytes > most_bytes_) {
    wrong += Count(counts.allocated_bytes, "byte") +
             " allocated, but at most " + std::to_string(most_bytes_) +
             " expected\n";
  }
  if (counts.peak_bytes > most_peak_bytes_) {
    wrong += Count(counts.peak_bytes, "byte") + " at once, but at most " +
             std::to_string(most_peak_bytes_) + " expected\n";
  }
  return wrong;
}

BudgetCheck::BudgetCheck(const AllocationBudget& budget, CallSite site)
    : budget_(budget),
      site_(site),
      is_live_(AllocationScope::IsLive()),
      scope_(budget.threads()) {}

BudgetCheck::~BudgetCheck() {
  const AllocationCounts counts = scope_.counts();
  std::string wrong =
      is_live_ ? budget_.Violations(counts) : std::string(kNothingCounts);
  if (wrong.empty()) return;
  const std::string stack = scope_.FirstStack();
  if (!stack.empty()) wrong += "the first one, of this scope:\n" + stack;
  ADD_FAILURE_AT(site_.file, static_cast<int>(site_.line)) << wrong;
}

}  // namespace dbgalloc
