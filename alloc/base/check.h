// Checks of our own invariants. A failed one is a bug of dbgalloc, never of the
// user: it prints the condition with both operands as one raw line and aborts.
// Works without a heap, in signal handlers and freestanding.
#ifndef DBGALLOC_ALLOC_BASE_CHECK_H_
#define DBGALLOC_ALLOC_BASE_CHECK_H_

#include <cstdint>

namespace dbgalloc::base {

// Where a check stands and what it said.
struct CheckSite {
  const char* file;
  int line;
  const char* condition;
};

[[noreturn, gnu::cold, gnu::noinline]] void CheckFailed(const CheckSite& site);
[[noreturn, gnu::cold, gnu::noinline]] void CheckFailed(const CheckSite& site,
                                                        uint64_t left,
                                                        uint64_t right);

template <typename T>
uint64_t CheckOperand(T value) {
  if constexpr (__is_enum(T)) {
    return static_cast<uint64_t>(value);
  } else {
    return (uint64_t)(value);  // NOLINT: pointers and integers alike
  }
}

}  // namespace dbgalloc::base

#define DBG_CHECK(condition)                         \
  (__builtin_expect(static_cast<bool>(condition), 1) \
       ? static_cast<void>(0)                        \
       : ::dbgalloc::base::CheckFailed({__FILE__, __LINE__, #condition}))

#define DBG_CHECK_OP(left, op, right)                     \
  do {                                                    \
    const auto& dbg_left = (left);                        \
    const auto& dbg_right = (right);                      \
    if (__builtin_expect(!(dbg_left op dbg_right), 0)) {  \
      ::dbgalloc::base::CheckFailed(                      \
          {__FILE__, __LINE__, #left " " #op " " #right}, \
          ::dbgalloc::base::CheckOperand(dbg_left),       \
          ::dbgalloc::base::CheckOperand(dbg_right));     \
    }                                                     \
  } while (false)

#define DBG_CHECK_EQ(left, right) DBG_CHECK_OP(left, ==, right)
#define DBG_CHECK_NE(left, right) DBG_CHECK_OP(left, !=, right)
#define DBG_CHECK_LE(left, right) DBG_CHECK_OP(left, <=, right)
#define DBG_CHECK_LT(left, right) DBG_CHECK_OP(left, <, right)
#define DBG_CHECK_GE(left, right) DBG_CHECK_OP(left, >=, right)
#define DBG_CHECK_GT(left, right) DBG_CHECK_OP(left, >, right)

// Checked in debug builds only; costs nothing where NDEBUG is set.
#ifdef NDEBUG
#define DBG_DCHECK(condition) static_cast<void>(sizeof(condition))
#else
#define DBG_DCHECK(condition) DBG_CHECK(condition)
#endif

#endif  // DBGALLOC_ALLOC_BASE_CHECK_H_
