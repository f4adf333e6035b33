#!/usr/bin/env bash
# under.sh COMMAND...: runs COMMAND, and all that it starts, with
# libdbgalloc.so preloaded. Behind //:under:
#
#   bazel test --run_under=@dbgalloc//:under //...
#
# Only the command gets the library, not Bazel's own test wrapper.
set -euo pipefail

# The library lies beside this program in the output folder; in a test's
# runfiles, below the folder of this repository, whatever its name is there.
find_library() {
  local folder
  for folder in "$(dirname "$0")" "$0".runfiles/dbgalloc* \
    "$0".runfiles/_main "${TEST_SRCDIR:-$0.runfiles}"/*dbgalloc* \
    "${TEST_SRCDIR:-$0.runfiles}/${TEST_WORKSPACE:-_main}"; do
    if [ -e "$folder/libdbgalloc.so" ]; then
      # Absolute, for a program may change its folder and start others.
      readlink -f "$folder/libdbgalloc.so"
      return
    fi
  done
  echo "under.sh: libdbgalloc.so is not among the runfiles of $0" >&2
  exit 125
}

if [ $# = 0 ]; then
  echo "usage: $0 COMMAND..." >&2
  exit 2
fi
library=$(find_library)
export LD_PRELOAD="$library${LD_PRELOAD:+:$LD_PRELOAD}"
exec "$@"
