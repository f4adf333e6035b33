#!/usr/bin/env bash
# The slow path of bazelw: does what is not yet done. Each step leaves its
# result under a temporary name and renames it when it is whole, so that an
# interrupted set-up is simply continued by the next call.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
setup_dir=$root/tools/setup
# shellcheck source=tools/setup/state.sh
. "$setup_dir/state.sh"

say() { echo "bazelw: $*" >&2; }
fail() {
  say "$@"
  exit 1
}

# shellcheck source=tools/setup/packages.sh
. "$setup_dir/packages.sh"
# shellcheck source=tools/setup/archives.sh
. "$setup_dir/archives.sh"
# shellcheck source=tools/setup/repositories.sh
. "$setup_dir/repositories.sh"
# shellcheck source=tools/setup/user_bazelrc.sh
. "$setup_dir/user_bazelrc.sh"

# Whether downloads from where deps.bzl points are possible. A closed port
# answers at once; a silent one costs the three seconds.
upstream_is_reachable() {
  timeout 3 bash -c ': </dev/tcp/github.com/443' 2>/dev/null
}

# Decided once, when the files of this set-up are prepared, and kept in the file
# "form".
offline_form_is_wanted() {
  case ${DBGALLOC_OFFLINE:-} in
    1) return 0 ;;
    0) return 1 ;;
  esac
  bazel_is_debians || ! upstream_is_reachable
}

prepare() {
  ensure_packages "$@"
  bazel_program >/dev/null ||
    fail "no bazel or bazelisk found in PATH after the installation"
  if [ ! -e "$prepared_dir/complete" ]; then
    mkdir -p "$prepared_dir"
    if offline_form_is_wanted; then
      prepare_archives "$cache_dir/distdir"
      prepare_repositories
      echo offline >"$prepared_dir/form"
    else
      say "using downloads from the network; DBGALLOC_OFFLINE=1 avoids them"
      echo online >"$prepared_dir/form"
    fi
    touch "$prepared_dir/complete"
  fi
  write_user_bazelrc
}

prepare "$@"
