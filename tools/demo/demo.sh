#!/usr/bin/env bash
# The main job, shown: an installed program runs under dbgalloc and does what it
# did before; then a program that frees a block twice is explained.
#
#   bazel run //:demo
set -euo pipefail

readonly least_allocations=1000000

library=$(readlink -f "$1")
bug=$(readlink -f "$2")
workload=$(readlink -f "$3")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
# The interpreter itself, where "python3" is a script that looks for one.
python=$(python3 -c 'import sys; print(sys.executable)')
unset LD_PRELOAD DBGALLOC_OPTIONS DBGALLOC_TARGET_OPTIONS

fail() {
  echo "demo: $*" >&2
  exit 1
}

# run_workload NAME: python3 at work, every object through malloc; leaves the
# output and the statistics in $folder/NAME.*, prints seconds.
run_workload() {
  local start=$EPOCHREALTIME
  PYTHONMALLOC=malloc DEMO_STATISTICS=$folder/$1.statistics \
    "$python" "$workload" >"$folder/$1.output" 2>"$folder/$1.errors" ||
    fail "python3 ended with status $?: $(cat "$folder/$1.errors")"
  local end=$EPOCHREALTIME
  printf '%d.%02d s\n' $(((${end/./} - ${start/./}) / 1000000)) \
    $(((${end/./} - ${start/./}) / 10000 % 100))
}

hash_of() {
  sha256sum <"$1" | cut -c 1-64
}

statistic() {
  awk -v name="$1" '$1 == name { print $2 }' "$folder/dbgalloc.statistics"
}

echo "1. An installed program, unchanged: $python ($("$python" --version))"
echo "   4 threads build, sort, pack and parse 30000 records; PYTHONMALLOC=malloc,"
echo "   so that every object goes through malloc."
echo "   C library's malloc:  $(run_workload plain), output $(hash_of "$folder/plain.output")"
echo "   under dbgalloc:      $(LD_PRELOAD=$library run_workload dbgalloc), output $(hash_of "$folder/dbgalloc.output")"
cmp -s "$folder/plain.output" "$folder/dbgalloc.output" || fail "the outputs differ"
[ ! -s "$folder/dbgalloc.errors" ] || fail "$(cat "$folder/dbgalloc.errors")"
[ -s "$folder/dbgalloc.statistics" ] || fail "dbgalloc did not serve python3"
allocations=$(statistic allocations)
echo "   The outputs are equal. dbgalloc served $allocations allocations and" \
  "$(statistic frees) frees, each checked, each with a stack."
[ "$allocations" -ge "$least_allocations" ] ||
  fail "fewer than $least_allocations allocations"

echo
echo "2. A program built without any knowledge of dbgalloc, optimized, without frame"
echo "   pointers, whose threads free one block twice:"
echo "   LD_PRELOAD=libdbgalloc.so $(basename "$bug")"
echo
status=0
LD_PRELOAD=$library "$bug" 2>&1 | tee "$folder/report" || status=$?
echo
grep -q 'ERROR: dbgalloc: double-free' "$folder/report" || fail "no report"
[ "$(grep -c '^.* free, by thread\|^allocated, by thread' "$folder/report")" = 3 ] ||
  fail "not three stacks"
echo "It ended with status $status. Three stacks: who freed it again, who freed it"
echo "first, who allocated it. What to do next: docs/guide.md."
