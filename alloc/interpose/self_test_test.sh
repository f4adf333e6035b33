#!/bin/bash
# self_test_test.sh LIBRARY PROGRAM BROKEN: with self_test=1 a sound dbgalloc
# lets PROGRAM (process_life, which ends with status 7) run and says nothing;
# BROKEN, in which a check does not work, ends with status 3 before main.
set -u
library=$PWD/$1
program=$PWD/$2
broken=$PWD/$3
work=${TEST_TMPDIR:?}
failures=0

fail() {
  echo "FAILED: $*"
  cat "$work/out" "$work/err"
  failures=$((failures + 1))
}

says() { # TEXT: a line of standard error
  grep -q -e "$1" "$work/err" || fail "no line with '$1'"
}

preloaded() { # OPTIONS
  env LD_PRELOAD="$library" DBGALLOC_OPTIONS="$1" "$program" \
    >"$work/out" 2>"$work/err"
}

preloaded self_test=1
[ $? -eq 7 ] || fail "a sound process ends otherwise"
[ ! -s "$work/err" ] || fail "a sound process says something"

preloaded self_test=1:verbosity=1:unwind=dwarf:log_path=/tmp/reports.%p
[ $? -eq 7 ] || fail "with notes"
says '^==[0-9]*==NOTE: dbgalloc: self_test: [0-9]* checks, each noticed its bug'
says '^==[0-9]*==NOTE: dbgalloc: serves malloc of this process: allocator=debug'
says 'unwind=dwarf log_sink=auto; reports go to /tmp/reports.[0-9]*$'

env LD_PRELOAD="$library" \
  DBGALLOC_OPTIONS=protect_metadata=mprotect:self_test=1:verbosity=1 /bin/true \
  >"$work/out" 2>"$work/err" || fail "with protected state"
says 'protect_metadata=mprotect (mprotect)'

preloaded safety=0:self_test=1
[ $? -eq 7 ] || fail "without checks there is nothing to test"

DBGALLOC_OPTIONS=self_test=1 "$broken" >"$work/out" 2>"$work/err"
[ $? -eq 3 ] || fail "a broken check is not found"
[ ! -s "$work/out" ] || fail "an unprotected program ran"
says '^==[0-9]*==ERROR: dbgalloc: self_test: double-free is switched on, but'

"$broken" >"$work/out" 2>"$work/err"
[ $? -eq 0 ] || fail "without self_test the broken program runs"
exit $((failures != 0))
