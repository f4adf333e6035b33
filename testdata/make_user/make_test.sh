#!/usr/bin/env bash
# make_test.sh LIBRARY MAKEFILE: a user of make adds one variable to the command
# and is told of a bug that the tests alone do not see.
set -euo pipefail

library=$(readlink -f "$1")
project=$(dirname "$(readlink -f "$2")")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cp "$project"/Makefile "$project"/words_test.c "$folder"
unset LD_PRELOAD DBGALLOC_OPTIONS

fail() {
  echo "make_test: $*" >&2
  cat "$folder/log" >&2
  exit 1
}

make -C "$folder" check >"$folder/log" 2>&1 || fail "fails without dbgalloc"

# The command of docs/guide.md.
if LD_PRELOAD=$library make -C "$folder" check >"$folder/log" 2>&1; then
  fail "the bug was not seen"
fi
grep -q '^SUMMARY: dbgalloc: heap-buffer-overflow .*words_test.c:21 in main$' \
  "$folder/log" || fail "no report, or another one"
[ "$(grep -c 'ERROR: dbgalloc' "$folder/log")" = 1 ] || fail "not one report"

# The compiler itself runs under dbgalloc here.
LD_PRELOAD=$library make -B -C "$folder" check CFLAGS='-g1 -O1 -DFIXED' \
  >"$folder/log" 2>&1 || fail "the mended program fails"
grep -q '^ok$' "$folder/log" || fail "did not run"
! grep -q dbgalloc "$folder/log" || fail "not silent"
