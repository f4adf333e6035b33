#!/usr/bin/env bash
# limits_test.sh LIBRARY MANY_BLOCKS WITHOUT_GUARD_MARKERS: guard=all where there
# is less than it would like: memory, mappings, guard markers of the kernel.
set -euo pipefail
library=$(readlink -f "$1")
blocks=$(readlink -f "$2")
markerless=$(readlink -f "$3")
failures=0

# run OPTIONS COMMAND...: output in $out, status in $status.
run() {
  status=0
  out=$(DBGALLOC_OPTIONS="guard=all:$1" LD_PRELOAD= \
    env LD_PRELOAD="$library" "${@:2}" 2>&1) || status=$?
}
wants() {  # TITLE STATUS PATTERN [WARNINGS]
  local warnings
  warnings=$(grep -c "^dbgalloc: warning: " <<<"$out" || true)
  if [ "$status" != "$2" ] || ! grep -q -e "$3" <<<"$out" ||
      [ "$warnings" != "${4:-0}" ]; then
    echo "FAILED: $1: status $status, $warnings warnings:"
    head -20 <<<"$out"
    failures=$((failures + 1))
  fi
}

run "" "$blocks" 100000 5000
wants "all are guarded" 0 "^100000 blocks$"
run "" "$blocks" 20000 5000 overflow
wants "an overflow is caught" 1 "heap-buffer-overflow: write to"
run "guard_memory=4m" "$blocks" 100000 20000
wants "more than guard_memory" 0 "^100000 blocks$" 1
run "guard_memory=4m" "$blocks" 20000 20000
wants "more than guard_memory live" 0 "^20000 blocks$" 1
run "guard_memory=4m" "$blocks" 20000 20000 overflow
wants "guards of those that have one" 1 "heap-buffer-overflow: write to" 1

# Without guard markers each live block costs two mappings.
run "" "$markerless" "$blocks" 50000 2000
wants "by protection" 0 "^50000 blocks$"
run "" "$markerless" "$blocks" 50000 2000 overflow
wants "an overflow by protection" 1 "heap-buffer-overflow: write to"
run "" "$markerless" "$blocks" 100000 60000
wants "more than there are mappings" 0 "^100000 blocks$" 1

exit "$failures"
