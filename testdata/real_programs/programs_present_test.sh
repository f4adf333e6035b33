#!/bin/bash
# programs_present_test.sh PROGRAM...: where most of the programs are missing,
# skipped scenarios prove nothing.
present=0
for program in "$@"; do
  if command -v "$program" > /dev/null; then
    present=$((present + 1))
  else
    echo "missing: $program"
  fi
done
echo "$present of $# are here"
[ $((2 * present)) -ge $# ]
