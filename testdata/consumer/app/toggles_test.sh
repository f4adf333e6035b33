#!/usr/bin/env bash
# toggles_test.sh PROGRAM: each of five checks follows DBGALLOC_OPTIONS, in a
# program that links the allocator classes only.
set -euo pipefail
program=$1
failures=0

# expect OPTIONS WANTED: with these options, and without them the other way.
expect() {
  local output
  output=$(DBGALLOC_OPTIONS="quarantine_size=0:$1" "$program") ||
    output+=" (exit status $?)"
  if [[ $output != *"$2"* ]]; then
    echo "FAILED with $1: no \"$2\" in:"
    echo "$output"
    failures=$((failures + 1))
  fi
}

expect "" "second thread: welcome"
expect "check_threads=1" "second thread: misuse"
expect "thread_safe=0" "second thread: misuse"
expect "" "stack of a double free: kept"
expect "stack_trace_frames=0" "stack of a double free: none"
expect "" "freed memory: gone"
expect "never_unmap=1" "freed memory: mapped"
expect "" "late double free: explained"
expect "retain_metadata=0" "late double free: unexplained"
expect "" "first allocation: made"
expect "fail_index=0" "first allocation: failed"
[ $failures = 0 ]
