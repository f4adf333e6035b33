#!/usr/bin/env bash
# Builds and tests testdata/consumer from a copy of it. In the copy, every
# header of ours has a namesake in the consumer's own packages that stops the
# compiler, so whatever of ours were taken from there would be seen.
set -euo pipefail

root=$(dirname "$(readlink -f MODULE.bazel)")
# Beside the output of the Bazel that runs this, and kept for the next run.
outer=$(readlink -f "$0")
outer=${outer%%/execroot/*}
[ -d "$outer/execroot" ] || outer=${PWD%%/execroot/*}
[ -d "$outer/execroot" ] || outer=$TEST_TMPDIR
place=$outer/consumer
copy=$place/workspace
failures=0

# Namesakes of all headers below one of our folders.
make_namesakes() {
  local header
  (cd "$root" && find "$1" -name '*.h' -o -name '*.inc' | sort) |
    while read -r header; do
      [ -e "$copy/$header" ] && continue
      mkdir -p "$copy/$(dirname "$header")"
      echo "#error \"the consumer's $header, not dbgalloc's\"" >"$copy/$header"
    done
}

make_copy() {
  rm -rf "$copy"
  mkdir -p "$copy"
  cp -r "$root"/testdata/consumer/. "$copy/"
  rm -f "$copy"/bazel-*
  make_namesakes alloc
  make_namesakes runtime_flags
  if [ -e "$root/user.bazelrc" ]; then
    cp "$root/user.bazelrc" "$copy/user.bazelrc"
    echo 'try-import %workspace%/user.bazelrc' >>"$copy/.bazelrc"
  fi
}

bazel_program() {
  command -v "${BAZEL:-bazel}" || command -v bazelisk
}

# A Bazel that knows nothing of the one outside, but its caches.
inner_bazel() {
  local command=$1
  shift
  (
    cd "$copy"
    env -u TEST_TMPDIR -u RUNFILES_DIR -u RUNFILES_MANIFEST_FILE \
      HOME="${HOME:-$place}" USER="${USER:-consumer}" \
      "$(bazel_program)" --output_base="$place/output" --max_idle_secs=60 \
      "$command" --override_repository=dbgalloc="$root" "$@" 2>&1
  )
}

expect_success() {
  echo "=== bazel $*"
  local log=$TEST_TMPDIR/log
  inner_bazel "$@" >"$log" || {
    echo "FAILED: bazel $*"
    tail -n 120 "$log"
    failures=$((failures + 1))
  }
  grep -E '^(Executed|//.* (PASSED|FAILED))' "$log" || true
}

# expect_report WANTED ARGS...: that run fails, and says this in its test log.
expect_report() {
  local wanted=$1 output status=0
  shift
  echo "=== bazel $* (expected to fail)"
  output=$(inner_bazel "$@") || status=$?
  if [ $status != 3 ] || [[ $output != *"$wanted"* ]]; then
    echo "FAILED: status $status instead of 3, or no \"$wanted\" in:"
    tail -n 60 <<<"$output"
    failures=$((failures + 1))
  fi
}

make_copy
expect_success test //...
expect_success test --config=dbgalloc //app:all
expect_success test --custom_malloc=@dbgalloc//:malloc_glog \
  //app:log_sink_test_cxx17
expect_success test --config=dbgalloc-under \
  //app:everywhere_test_cxx17 //app:everywhere_test_cxx20
expect_success test --config=checked \
  --test_env=CONSUMER_EXPECTS_DBGALLOC=1 //app:if_enabled_test_cxx17
expect_success test //bugs:heap_overflow_test
expect_report "ERROR: dbgalloc: heap-buffer-overflow" \
  test --config=dbgalloc //bugs:heap_overflow_test
if command -v clang-14 >/dev/null; then
  expect_success test --config=clang //...
else
  echo "clang-14 is not installed: the part with Clang is left out"
fi
inner_bazel shutdown >/dev/null || true
[ $failures = 0 ]
