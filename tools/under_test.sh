#!/usr/bin/env bash
# under_test.sh UNDER: the runner preloads into its command alone, hands on what
# that says and how it ends.
set -euo pipefail
under=$1
failures=0

expect_equal() {
  if [ "$2" != "$3" ]; then
    echo "FAILED: $1: got '$2', want '$3'"
    failures=$((failures + 1))
  fi
}

status=0
output=$("$under" /bin/sh -c 'echo "$1"; exit 7' sh "two words") || status=$?
expect_equal "output" "$output" "two words"
expect_equal "status" "$status" 7

# The library really serves the command: a flag of ours prints its help.
output=$(DBGALLOC_OPTIONS=help=1 "$under" /bin/true 2>&1)
[[ $output == *quarantine_size* ]] || {
  echo "FAILED: the command does not run under dbgalloc: $output"
  failures=$((failures + 1))
}

# Another preloaded library stays, and the path holds in another folder.
output=$(LD_PRELOAD= "$under" /bin/sh -c 'cd / && ls "$LD_PRELOAD"')
expect_equal "the path in another folder" "$(basename "$output")" \
  libdbgalloc.so

if "$under" 2>/dev/null; then
  echo "FAILED: no command is no error"
  failures=$((failures + 1))
fi
[ $failures = 0 ]
