#!/bin/bash
# exports_test.sh LIBRARY VERSION_SCRIPT: the library shows exactly the names
# that its version script lists, and needs nothing but the C library.
set -euo pipefail
library=$1
script=$2

wanted=$(sed -e 's/#.*//' -e '/local:/,$d' "$script" | tr -d '{' |
  sed 's/global://' | tr ';' '\n' | tr -d ' \t' | grep . | sort)
shown=$(nm --dynamic --defined-only "$library" |
  awk '$2 ~ /^[A-Z]$/ {print $3}' | sort)
[ -n "$wanted" ] || { echo "no names in $script"; exit 1; }
if [ "$wanted" != "$shown" ]; then
  echo "wanted (<) and shown (>) names differ:"
  diff <(echo "$wanted") <(echo "$shown") || true
  exit 1
fi

needed=$(readelf --dynamic --wide "$library" | grep NEEDED |
  sed 's/.*\[\(.*\)\]/\1/' | sort)
for name in $needed; do
  case $name in
    libc.so.* | libm.so.* | ld-linux* | libdl.so.* | libpthread.so.*) ;;
    *) echo "needs $name"; exit 1 ;;
  esac
done

# Thread locals that need no allocation.
if nm --dynamic "$library" | grep -q __tls_get_addr; then
  echo "has thread locals that are not initial-exec"
  exit 1
fi
