#!/bin/sh
# Links freestanding_program.cc and what it uses of ours with nothing else, and
# runs it. An archive that wants anything of a C or C++ library fails the link.
set -eu
[ $# -gt 1 ] || { echo "no archives given"; exit 1; }
program=$TEST_TMPDIR/freestanding
${CC:-gcc} -nostdlib -static -no-pie -Wl,-e,_start -o "$program" \
    -Wl,--whole-archive "$1" -Wl,--no-whole-archive \
    -Wl,--start-group "$@" -Wl,--end-group
status=0
"$program" || status=$?
[ "$status" = 0 ] || echo "status $status: see Outcome in freestanding_program.cc"
exit "$status"
