#!/usr/bin/env bash
# run_windows PROGRAM ARGS...: runs a program for Windows by wine, anything else
# as it is. Scripts find this runner in DBGALLOC_RUNNER and put it before the
# programs that they start.
#
# The wine prefix is a folder of the test's own and nearly empty: by bootstrap
# mode wine takes its libraries from where it is installed, so that a test
# starts in 0.1 s, not in the five that filling a prefix takes.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export DBGALLOC_RUNNER=$here/${0##*/}

[ "$(head -c 2 "$1" | tr -d '\0')" = MZ ] || exec "$@"

wine=$(command -v wine64 || echo /usr/lib/wine/wine64)
[ -x "$wine" ] || { echo "no wine64: install the package wine64" >&2; exit 1; }

if [ -z "${WINEPREFIX:-}" ]; then
  WINEPREFIX=$(mktemp -d "${TEST_TMPDIR:-${TMPDIR:-/tmp}}/wine.XXXXXX")
  echo disable >"$WINEPREFIX/.update-timestamp"
fi
export WINEPREFIX WINEBOOTSTRAPMODE=1 WINEDEBUG=${WINEDEBUG:--all}

# What Bazel tells a test of its files; relative to a drive it would be taken.
for name in XML_OUTPUT_FILE TEST_TMPDIR TEST_SHARD_STATUS_FILE TEST_SRCDIR \
  TEST_PREMATURE_EXIT_FILE TEST_UNDECLARED_OUTPUTS_DIR \
  TEST_UNDECLARED_OUTPUTS_ANNOTATIONS_DIR TEST_WARNINGS_OUTPUT_FILE \
  RUNFILES_DIR RUNFILES_MANIFEST_FILE; do
  case ${!name:-} in
    /*) export "$name=Z:${!name}" ;;
  esac
done
export TEMP=${TEST_TMPDIR:-Z:/tmp} TMP=${TEST_TMPDIR:-Z:/tmp}
exec "$wine" "$@"
