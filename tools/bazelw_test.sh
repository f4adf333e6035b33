#!/usr/bin/env bash
# bazelw_test.sh TOOLS/BAZELW: what bazelw does and says, shown on a copy of it
# with stand-ins for bazel, dpkg and apt. Nothing is installed or downloaded.
set -euo pipefail

tools=$(dirname "$(readlink -f "$1")")
work=$TEST_TMPDIR/work
checkout=$work/checkout
failures=0

fail() {
  echo "FAILED: $*"
  failures=$((failures + 1))
}

expect_contains() {
  [[ $2 == *"$3"* ]] || fail "$1: no \"$3\" in: $2"
}

# stand_in NAME: a program of that name, from standard input.
stand_in() {
  { echo '#!/bin/bash'; cat; } >"$work/bin/$1"
  chmod +x "$work/bin/$1"
}

# A checkout with one tiny pinned archive, and a machine that has everything.
start_afresh() {
  rm -rf "$work"
  mkdir -p "$checkout/tools" "$work/bin" "$work/cache/distdir"
  cp -rL "$tools/bazelw" "$tools/setup" "$checkout/tools/"
  echo content >"$work/cache/distdir/tiny.tar.gz"
  echo "tiny.tar.gz $(sha256sum <"$work/cache/distdir/tiny.tar.gz" |
    cut -d' ' -f1) t/tiny/tiny.tar.gz" >"$checkout/tools/setup/archives.txt"
  echo 'echo "bazel ran in $PWD with: $*"' | stand_in bazel
  echo 'for p; do echo "installed $p"; done' | stand_in dpkg-query
  echo 'echo "apt-get must not run"; exit 1' | stand_in apt-get
  echo 'echo "${FAKE_ID:-1000}"' | stand_in id
}

# Runs the copy; output and error together; never fails itself.
bazelw() {
  (
    cd "${from:-$checkout}"
    env PATH="$work/bin:$PATH" BAZEL="$work/bin/bazel" HOME="$work" \
      DBGALLOC_CACHE="$work/cache" DBGALLOC_OFFLINE="${offline:-1}" \
      "$checkout/tools/bazelw" "$@" 2>&1
  ) || echo "exit status $?"
}

check_passes_arguments_through() {
  start_afresh
  expect_contains "arguments" "$(bazelw --output_base=/x test '//a b:c')" \
    "with: --output_base=/x test //a b:c"
  mkdir "$checkout/below"
  expect_contains "folder" "$(from=$checkout/below bazelw info)" \
    "ran in $checkout/below with: info"
  expect_contains "elsewhere" "$(from=/ bazelw info)" "ran in $checkout with"
}

check_writes_user_bazelrc() {
  start_afresh
  echo "build --own_line" >"$checkout/user.bazelrc"
  DBGALLOC_DISK_CACHE=/some/cache bazelw info >/dev/null
  local written
  written=$(cat "$checkout/user.bazelrc")
  expect_contains "own lines stay" "$written" "build --own_line"
  expect_contains "distdir" "$written" "build --distdir=$work/cache/distdir"
  expect_contains "disk cache" "$written" "build --disk_cache=/some/cache"
  bazelw info >/dev/null
  [ "$(cat "$checkout/user.bazelrc")" = "$written" ] ||
    fail "a second run changed user.bazelrc"
}

check_leaves_downloads_to_bazel_when_online() {
  start_afresh
  offline=0 bazelw info >/dev/null
  if grep -q -- --distdir "$checkout/user.bazelrc"; then
    fail "the offline form was forced on an online user"
  fi
}

check_repairs_what_was_interrupted() {
  start_afresh
  bazelw info >/dev/null
  rm "$work"/cache/set-up-*/complete "$checkout/user.bazelrc"
  expect_contains "repair" "$(bazelw info)" "with: info"
  [ -e "$checkout/user.bazelrc" ] || fail "user.bazelrc was not written again"
}

check_names_missing_packages() {
  start_afresh
  echo 'for p; do [ $p = g++ ] || echo "installed $p"; done' |
    stand_in dpkg-query
  local said
  said=$(bazelw build //x)
  expect_contains "says what to install" "$said" \
    "apt-get install --no-install-recommends g++"
  expect_contains "stops" "$said" "exit status 1"
  expect_contains "as root, says why not" "$(FAKE_ID=0 bazelw build //x)" \
    "apt-get could not install: g++"
}

check_tests_alone_do_not_stop_a_user() {
  start_afresh
  echo 'for p; do [ $p = redis-server ] || echo "installed $p"; done' |
    stand_in dpkg-query
  local said
  said=$(bazelw test //x)
  expect_contains "note" "$said" "need packages that are not installed: redis"
  expect_contains "goes on" "$said" "with: test //x"
  [[ $(bazelw build //x) != *redis* ]] || fail "build asks for test packages"
}

check_failed_test_packages_do_not_stop_root() {
  start_afresh
  echo 'for p; do [ $p = redis-server ] || echo "installed $p"; done' |
    stand_in dpkg-query
  local said
  said=$(FAKE_ID=0 bazelw test //x)
  expect_contains "says so" "$said" "could not install: redis-server"
  expect_contains "goes on" "$said" "with: test //x"
  said=$(FAKE_ID=0 bazelw test //x)
  [[ $said != *"could not install"* ]] || fail "tries again at once: $said"
}

check_says_which_file_is_missing() {
  start_afresh
  rm "$work/cache/distdir/tiny.tar.gz"
  local said
  said=$(bazelw info)
  expect_contains "says that no mirror is known" "$said" "(not set)"
  # No mirror answers on that port, and none is asked beyond this machine.
  said=$(DBGALLOC_DEBIAN_MIRROR=http://127.0.0.1:1 bazelw info)
  expect_contains "names the mirror" "$said" "http://127.0.0.1:1"
  expect_contains "names the file" "$said" "could not get pool/main/t/tiny"
  expect_contains "names the place" "$said" "$work/cache/distdir/tiny.tar.gz"
  expect_contains "stops" "$said" "exit status 1"
}

check_two_at_once() {
  start_afresh
  local i
  for i in 1 2 3 4; do
    bazelw info >"$work/out$i" &
  done
  wait
  for i in 1 2 3 4; do
    expect_contains "run $i" "$(cat "$work/out$i")" "with: info"
  done
}

check_passes_arguments_through
check_writes_user_bazelrc
check_leaves_downloads_to_bazel_when_online
check_repairs_what_was_interrupted
check_names_missing_packages
check_tests_alone_do_not_stop_a_user
check_failed_test_packages_do_not_stop_root
check_says_which_file_is_missing
check_two_at_once
[ $failures = 0 ]
