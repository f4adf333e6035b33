#!/bin/sh
# The program runs under dbgalloc, and nothing of GoogleTest came into it.
set -eu
program=$1
[ "$("$program")" = "active: 1" ]
symbols=$(nm -C "$program")
if echo "$symbols" | grep -E ' [TtWV] testing::(UnitTest|internal)'; then
  echo "GoogleTest has come into the program"
  exit 1
fi
