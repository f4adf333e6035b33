#!/bin/bash
# bad_input_test.sh LIBRARY PROGRAM: a correct program under a hostile
# environment runs as ever or ends with a clear message; it never hangs and
# never crashes. PROGRAM is process_life, which ends with status 7.
set -u
library=$PWD/$1
program=$PWD/$2
work=${TEST_TMPDIR:?}
failures=0

# The program under the library, its output in $work/out. Arguments: variables.
run() {
  env LD_PRELOAD="$library" "$@" timeout 60 "$program" \
    >"$work/out" 2>"$work/err"
}

fail() {
  echo "FAILED: $*"
  echo "--- output:"; head -c 2000 "$work/out"
  echo "--- errors:"; head -c 2000 "$work/err"
  failures=$((failures + 1))
}

lives() { # NAME STATUS: the status is that of a healthy run, without reports
  [ "$2" -eq 7 ] || fail "$1: status $2"
  grep -q 'ERROR: dbgalloc' "$work/err" && fail "$1: a report"
  grep -q 'alive to the end' "$work/out" || fail "$1: did not live to the end"
}

refuses() { # NAME STATUS TEXT: ends at startup, and says why
  [ "$2" -eq 2 ] || fail "$1: status $2"
  grep -q -e "$3" "$work/err" || fail "$1: no message with '$3'"
  [ ! -s "$work/out" ] || fail "$1: the program ran"
}

run A=1; lives "nothing special" $?

run DBGALLOC_OPTIONS=no_such_flag=1
refuses "an unknown flag" $? no_such_flag
run DBGALLOC_OPTIONS=redzone=banana
refuses "an unparsable value" $? banana
run DBGALLOC_OPTIONS=no_such_flag=1:strict_options=0
lives "an unknown flag, not strict" $?
grep -q no_such_flag "$work/err" || fail "not strict: no warning"

head -c 5000 /dev/urandom >"$work/corrupt"
run DBGALLOC_OPTIONS="include=$work/corrupt"
refuses "a corrupt option file" $? corrupt
printf 'redzone=32\nquarantine_si' >"$work/half"
run DBGALLOC_OPTIONS="include=$work/half"
refuses "a half-written option file" $? quarantine_si
run DBGALLOC_OPTIONS="include=$work/missing"
refuses "a missing option file" $? missing
run DBGALLOC_OPTIONS="include_if_exists=$work/missing"
lives "an optional file that is missing" $?
run DBGALLOC_OPTIONS="include=$work"
refuses "a folder as an option file" $? "$work"
printf 'include=%s/loop\n' "$work" >"$work/loop"
run DBGALLOC_OPTIONS="include=$work/loop"
refuses "a file that includes itself" $? loop

run DBGALLOC_OPTIONS="log_path=/nonexistent/folder/log"
lives "an unwritable log path" $?

(ulimit -v 524288; run A=1); lives "an address space of 512 MiB" $?
(ulimit -n 16; run A=1); lives "16 file descriptors" $?
(ulimit -s 256; run A=1); lives "a stack of 256 KiB" $?
(ulimit -s unlimited; run A=1); lives "an unlimited stack" $?
(ulimit -l 0; run A=1); lives "no locked memory" $?

# The standard descriptors may be closed from the start.
env LD_PRELOAD="$library" timeout 60 "$program" >"$work/out" 2>&- 0<&-
lives "closed standard input and error" $?

exit $((failures > 0))
