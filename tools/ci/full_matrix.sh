#!/usr/bin/env bash
# full_matrix.sh [PLATFORM...]: runs every test that each platform serves, by
# default on all platforms, notes what they said, and writes the matrix of
# docs/porting.md. It goes on where a test fails.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

platforms_of_the_table() {
  echo linux
  sed -n 's/^        name = "\(.*\)",$/\1/p' tools/toolchains/platforms.bzl
}

if [ $# -eq 0 ]; then
  mapfile -t all < <(platforms_of_the_table)
  set -- "${all[@]}"
fi
events=$(mktemp)
trap 'rm -f "$events"' EXIT
for platform in "$@"; do
  config=--config=$platform
  [ "$platform" != linux ] || config=
  # shellcheck disable=SC2086
  tools/bazelw ${BAZEL_STARTUP_OPTIONS:-} test --keep_going $config \
    --build_event_json_file="$events" "//:tests_$platform" ||
    echo "the tests of $platform ended with exit status $?" >&2
  python3 tools/ci/porting_matrix.py --note "$platform" "$events"
done
python3 tools/ci/porting_matrix.py --write
