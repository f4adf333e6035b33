#!/usr/bin/env bash
# oom_sweep_test.sh TOOL LIBRARY KNOWN PROGRAM FLAG... -- ARGUMENT...: what
# dbgalloc_oom_sweep_test runs (tools/bazel/defs.bzl). KNOWN may be empty.
set -euo pipefail

# A file of another repository is below external/ or beside this one, as the
# version of Bazel has it.
resolve() {
  if [ -e "$1" ]; then
    readlink -f "$1"
  elif [ -e "../${1#external/}" ]; then
    readlink -f "../${1#external/}"
  else
    echo "oom_sweep_test.sh: $1 is not among the runfiles" >&2
    exit 2
  fi
}

tool=$(resolve "$1")
library=$(resolve "$2")
known=()
[ -z "$3" ] || known=("--known=$(resolve "$3")")
program=$(resolve "$4")
shift 4
flags=()
while [ "$1" != -- ]; do
  flags+=("$1")
  shift
done
shift
exec "$tool" sweep "--library=$library" "${known[@]}" "${flags[@]}" -- \
  "$program" "$@" </dev/null
