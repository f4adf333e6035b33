#!/bin/sh
# Toggles the checks of a finished program by DBGALLOC_OPTIONS alone.
set -eu
probe=$1
failures=0

# run STATUS OPTIONS SCENE: runs the scene; its output is in $out.
run() {
  status=0
  out=$(DBGALLOC_OPTIONS=$2 "$probe" "$3" 2>&1) || status=$?
  title="$3 with '$2'"
  if [ "$status" != "$1" ]; then
    echo "FAILED: $title: status $status, not $1:"; echo "$out"
    failures=$((failures + 1))
  fi
}
says() {
  echo "$out" | grep -q -e "$1" && return
  echo "FAILED: $title: does not say '$1':"; echo "$out"
  failures=$((failures + 1))
}
says_not() {
  echo "$out" | grep -q -e "$1" || return 0
  echo "FAILED: $title: says '$1':"; echo "$out"
  failures=$((failures + 1))
}

run 1 "" double_free
says "ERROR: dbgalloc: double-free: "
says "second free, by thread"
says "first free, by thread"
says "allocated, by thread"
says "in .*AllocateHere"

run 0 "safety=0" double_free
says_not "double-free"
run 1 "halt_on_error=0" double_free
says "double-free"

# stack_trace_frames
run 1 "stack_trace_frames=1" double_free
says "#0 "
says_not "#1 "
run 1 "stack_trace_frames=0" double_free
says "double-free"
says_not "in .*AllocateHere"

# retain_metadata
run 1 "" late_double_free
says "in .*AllocateHere"
run 1 "retain_metadata=0" late_double_free
says "double-free"
says_not "in .*AllocateHere"
says "retain"

# never_unmap
run 1 "" late_read
says_not "^read"
says "use-after-free: read of 0x[0-9a-f]*, the start"
run 139 "handle_segv=0" late_read
says_not "^read"
run 0 "never_unmap=1" late_read
says "^read dd"
run 0 "never_unmap=1:free_fill_byte=0x41" late_read
says "^read 41"

# thread_safe, check_threads
run 0 "" two_threads
run 1 "check_threads=1" two_threads
says "thread-misuse"
run 1 "thread_safe=0" two_threads
says "thread-misuse"

# fail_index
run 0 "" fail
says "^made"
says_not "refused"
run 0 "fail_index=2" fail
[ "$(echo "$out" | grep -c '^made')" = 2 ] || says "two made"
[ "$(echo "$out" | grep -c '^refused')" = 2 ] || says "two refused"
says "induced-failure"
run 0 "fail_index=0" fail
says_not "^made"

# What code sets wins, unless override=1.
run 0 "check_size=1" set_in_code
says "went on"
run 1 "check_size=1:override=1" set_in_code
says "size-mismatch"

# Redzones and exit status.
run 7 "exitcode=7" overflow
says "heap-buffer-overflow"
run 0 "redzone=0:safety=0" overflow
says "went on"

# Mistakes end the program at once.
run 2 "no_such_flag=1" fail
says "no_such_flag"

[ "$failures" = 0 ] && echo "all as expected"
exit "$failures"
