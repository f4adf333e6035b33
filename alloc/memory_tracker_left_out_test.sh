#!/bin/sh
# A tracker that is left out of the build costs nothing: each function of the
# archive among those given has the same instructions through it as without it.
set -eu
archive=
for candidate in "$@"; do
  case $candidate in *left_out*) archive=$candidate ;; esac
done
[ -n "$archive" ] || { echo "not among the archives: $*"; exit 1; }

# The instructions of one function, without addresses.
instructions() {
  objdump -d --no-show-raw-insn "$1" | awk -v name="<$2>:" '
    $2 == name { inside = 1; next }
    inside && NF == 0 { exit }
    inside { $1 = ""; sub(/ *[#<].*/, ""); print }'
}

for operation in Allocate Deallocate Remap; do
  instructions "$archive" "Bare$operation" >"$TEST_TMPDIR/bare"
  instructions "$archive" "Tracked$operation" >"$TEST_TMPDIR/tracked"
  [ -s "$TEST_TMPDIR/bare" ] || { echo "no Bare$operation"; exit 1; }
  diff "$TEST_TMPDIR/bare" "$TEST_TMPDIR/tracked"
done
