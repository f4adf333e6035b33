#!/usr/bin/env bash
# compile_flags_test.sh FLAGS...: with the flags of what is below the malloc
# line, the compiler refuses what may not be there, and nothing else.
set -euo pipefail
compiler=${CXX:-c++}
failures=0

# compiles TEXT: whether the compiler takes it.
compiles() {
  "$compiler" "${flags[@]}" -x c++ -fsyntax-only - <<<"$1" >"$TEST_TMPDIR/out" \
    2>&1
}

expect_refused() {
  if compiles "$2"; then
    echo "FAILED: the flags allow $1"
    failures=$((failures + 1))
  fi
}

flags=("$@")
compiles 'constinit int counter = 0; int Next() { return ++counter; }' || {
  echo "FAILED: plain code is refused"
  cat "$TEST_TMPDIR/out"
  failures=$((failures + 1))
}
expect_refused "throw" 'void F() { throw 1; }'
expect_refused "catch" 'void G(); void F() { try { G(); } catch (...) {} }'
expect_refused "dynamic_cast" 'struct A { virtual void f(); };
  struct B : A {}; B* F(A* a) { return dynamic_cast<B*>(a); }'
expect_refused "a warning" 'void F() { int unused; }'
expect_refused "an extra warning" 'int F(int unused) { return 0; }'

# Thread locals that other objects define must not need __tls_get_addr either.
"$compiler" "${flags[@]}" -fPIC -x c++ -S -o - - \
  <<<'extern thread_local int value; int* F() { return &value; }' |
  grep -q "__tls_get_addr" && {
  echo "FAILED: thread locals are dynamic"
  failures=$((failures + 1))
}
[ $failures = 0 ]
