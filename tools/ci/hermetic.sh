#!/usr/bin/env bash
# hermetic.sh [TESTS...]: shows that nothing but the sources and the declared
# tools decides what is built and what the tests say.
#
#   1. libdbgalloc.so is built twice, from two checkouts in folders of other
#      names, with output bases of their own and no cache: byte for byte the same
#   2. TESTS (by default //:tests_linux) run in Bazel's sandbox, in a network
#      namespace without routes, as a user whose number is drawn, and with a
#      source tree that cannot be written to
#
# Wants root, for the namespaces and the user; the set-up (tools/bazelw) must
# have been done before.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
[ $# -gt 0 ] || set -- //:tests_linux

folder=$(mktemp -d /var/tmp/hermetic.XXXXXX)
trap 'chmod -R u+w "$folder"; rm -rf "$folder"' EXIT

# What the set-up prepared, where any user can read it.
prepared=$(sed -n 's|^build --distdir=\(.*\)/distdir$|\1|p' "$root/user.bazelrc")
cp -r "$prepared" "$folder/cache"

checkout() {
  git clone -q "$root" "$1"
  # A cache of results would hide that something differs.
  sed -e '/disk_cache/d' -e "s|$prepared|$folder/cache|g" \
    "$root/user.bazelrc" >"$1/user.bazelrc"
}

build_once() {
  checkout "$folder/$1"
  (cd "$folder/$1" &&
    bazel --output_base="$folder/$2" build //:libdbgalloc.so >&2 &&
    cp -L bazel-bin/libdbgalloc.so "$folder/$2.so" &&
    bazel --output_base="$folder/$2" shutdown)
}

build_once here base_one
build_once another/place/with/a/longer/name base_two
sha256sum "$folder"/*.so
cmp "$folder/base_one.so" "$folder/base_two.so"
echo "libdbgalloc.so is the same from both"

user=$((20000 + RANDOM))
chown -R "$user:$user" "$folder"
chmod -R a-w "$folder/here"
# The user's own places; nothing below the checkout is one.
mkdir "$folder/home"
chown "$user:$user" "$folder/home"
echo "the tests run as user $user"
cd "$folder/here"
unshare --net -- bash -c '
  python3 tools/setup/loopback.py
  exec setpriv --reuid="$1" --regid="$1" --clear-groups --inh-caps=-all \
    env -i HOME="$2/home" USER=somebody PATH="$PATH" TERM=dumb \
    bazel --output_base="$2/base_three" test --spawn_strategy=sandboxed \
    --symlink_prefix=/ --keep_going "${@:3}"' \
  bash "$user" "$folder" "$@" < /dev/null
