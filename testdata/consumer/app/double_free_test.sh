#!/usr/bin/env bash
# double_free_test.sh PROGRAM: it ends with status 1 and a whole report.
set -euo pipefail
status=0
report=$("$1" 2>&1) || status=$?
echo "$report"
[ $status = 1 ]
for wanted in "ERROR: dbgalloc: double-free: " "second free, by thread T0" \
  "first free, by thread T0" "allocated, by thread T0" "in Release(void" \
  "app/double_free.cc:5" "app/double_free.cc:8" "app/double_free.cc:9" \
  "app/double_free.cc:10" "SUMMARY: dbgalloc: double-free "; do
  [[ $report == *"$wanted"* ]] || { echo "missing: $wanted"; exit 1; }
done
