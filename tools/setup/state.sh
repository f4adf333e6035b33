# Sourced by bazelw and prepare.sh, with $root set: where prepared things are
# kept, and whether all of them are there. Everything here must stay cheap.

cache_dir=${DBGALLOC_CACHE:-${XDG_CACHE_HOME:-${HOME:-/var/tmp}/.cache}/dbgalloc}
user_bazelrc=$root/user.bazelrc

short_hash() { cat "$@" | sha256sum | cut -c1-16; }

# Changes whenever a script or a pin does; packages are looked at each time.
# The repositories have a key of their own, so that other changes do not make
# Bazel read them anew.
setup_key=$(short_hash "$root"/tools/setup/{*.sh,*.py,archives.txt})
prepared_dir=$cache_dir/set-up-$setup_key

bazel_program() {
  local candidate
  for candidate in ${BAZEL:+"$BAZEL"} bazel bazelisk; do
    command -v "$candidate" && return 0
  done
  return 1
}

# Debian's Bazel needs Debian's copies of Bazel's own rules; any other Bazel
# downloads the ones that fit it.
bazel_is_debians() {
  [ -z "${BAZEL:-}" ] && [ -e /usr/share/bazel/A-server.jar ] &&
    [ "$(readlink -f "$(command -v bazel)")" = /usr/bin/bazel ]
}

# The platforms that this call names by --config, one a line.
wanted_platforms() {
  local argument
  for argument in "$@"; do
    case $argument in
      --config=build | --config=test | --config=bazel) ;;
      --config=*)
        [ ! -e "$root/tools/setup/packages_${argument#*=}.txt" ] ||
          echo "${argument#*=}"
        ;;
    esac
  done
}

# The packages that this call needs, one a line: those of the build and of the
# platforms it is for, and, for a command that runs tests, those that the tests
# run.
wanted_packages() {
  local list lists=build argument
  for argument in "$@"; do
    case $argument in
      -*) continue ;;
      test | coverage) lists="build test" ;;
    esac
    break
  done
  if bazel_is_debians || ! bazel_program >/dev/null; then
    lists="bazel $lists"
  fi
  lists="$lists $(wanted_platforms "$@" | tr '\n' ' ')"
  for list in $lists; do
    sed 's/#.*//' "$root/tools/setup/packages_$list.txt"
  done | awk 'NF { print $1 }'
}

# Those of them that are not installed. Where there is no dpkg, the programs of
# the same purpose are looked for instead.
missing_packages() {
  local packages
  packages=$(wanted_packages "$@")
  if command -v dpkg-query >/dev/null; then
    { dpkg-query -W -f='${db:Status-Status} ${Package}\n' $packages \
        2>/dev/null || true
      printf 'wanted %s\n' $packages
    } | awk '$1 == "installed" { have[$2] = 1 }
             $1 == "wanted" && !have[$2] { print $2 }'
  else
    bazel_program >/dev/null || echo bazel
    command -v c++ >/dev/null || echo g++
    command -v python3 >/dev/null || echo python3
  fi
}

setup_is_complete() {
  [ -e "$prepared_dir/complete" ] &&
    grep -qsxF "# dbgalloc set-up: $prepared_dir" "$user_bazelrc" &&
    { [ -z "${DBGALLOC_DISK_CACHE:-}" ] ||
      grep -qsxF "build --disk_cache=$DBGALLOC_DISK_CACHE" "$user_bazelrc"; } &&
    [ -z "$(missing_packages "$@")" ] &&
    bazel_program >/dev/null
}

# A connection to a closed port is refused at once where there is a loopback.
loopback_is_up() {
  local said
  said=$(LC_ALL=C; { : </dev/tcp/127.0.0.1/9; } 2>&1) || [[ $said != *unreachable* ]]
}
