#!/bin/sh
# run_preloaded.sh LIBRARY OPTIONS PROGRAM ARGUMENTS...
# Runs the program under the library, and so that a library that was not loaded
# is a failure.
set -eu
library=$PWD/$1
options=$2
shift 2
[ -r "$library" ] || { echo "no library $library"; exit 1; }
export DBGALLOC_TARGET_OPTIONS="$options"
# Programs for another processor (tools/toolchains/run_emulated.sh).
if [ -n "${DBGALLOC_RUNNER:-}" ]; then
  DBGALLOC_RUNNER_PRELOAD=$library exec "$DBGALLOC_RUNNER" "$@"
fi
LD_PRELOAD=$library exec "$@"
