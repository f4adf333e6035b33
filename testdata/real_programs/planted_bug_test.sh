#!/bin/bash
# planted_bug_test.sh RUN_SCENARIO.py LIBRARY: a scenario whose program frees
# twice, out of sight, is found out; so is one whose output changes.
set -u
work=${TEST_TMPDIR:?}

cat > "$work/bug.sh" <<'SCENARIO'
python3 -c '
import ctypes
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
block = libc.malloc(100)
libc.free(ctypes.c_void_p(block))
if "dbgalloc" in open("/proc/self/maps").read():
    libc.free(ctypes.c_void_p(block))
' 2> /dev/null || true
SCENARIO
cat > "$work/different.sh" <<'SCENARIO'
echo "${LD_PRELOAD:-}"
SCENARIO
echo 'echo the same' > "$work/same.sh"

expect() { # RUN_SCENARIO LIBRARY STATUS SCENARIO TEXT
  output=$(python3 "$1" "$2" "$work/$4" 2>&1)
  status=$?
  if [ $status -ne "$3" ] || ! grep -q "$5" <<< "$output"; then
    echo "$4: status $status, output:"
    echo "$output"
    exit 1
  fi
}

expect "$1" "$2" 0 same.sh processor
expect "$1" "$2" 1 bug.sh '1 report files'
expect "$1" "$2" 1 different.sh 'the output differs'
