# Sourced by prepare.sh: Debian packages, by name.

apt_install() {
  # RUNLEVEL=1 keeps a service that comes with a package from being started.
  RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
    --no-install-recommends -o DPkg::Lock::Timeout=300 \
    -o Acquire::Retries=2 "$@" >"$cache_dir/apt.log" 2>&1 </dev/null
}

apt_update() {
  apt-get update -qq -o Acquire::Retries=2 >"$cache_dir/apt.log" 2>&1 </dev/null
}

# Without what only tests run, a build is still possible; and a test whose
# program is missing says so itself.
explain_missing() {
  local missing=$1
  if [ -z "$(missing_packages build)" ]; then
    say "some tests need packages that are not installed: $missing"
    return 0
  fi
  fail "these packages are missing, and this is not root on a Debian-like" \
    "machine, so please install them:" $'\n' \
    "  sudo apt-get install --no-install-recommends $missing"
}

explain_failure() {
  local missing=$1
  tail -n 5 "$cache_dir/apt.log" >&2
  say "apt-get could not install: $missing(the whole log:" \
    "$cache_dir/apt.log)"
  [ -z "$(missing_packages build)" ] || exit 1
  say "only tests need them, so this goes on; it is tried again in an hour"
  touch "$cache_dir/gave_up_on_packages"
}

# Whether an installation failed less than an hour ago and nothing but tests
# suffers from that.
gave_up_lately() {
  [ -n "$(find "$cache_dir/gave_up_on_packages" -mmin -60 2>/dev/null)" ] &&
    [ -z "$(missing_packages build)" ]
}

ensure_packages() {
  local missing
  missing=$(missing_packages "$@" | tr '\n' ' ')
  [ -n "$missing" ] || return 0
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null ||
    gave_up_lately; then
    explain_missing "$missing"
    return 0
  fi
  say "installing: $missing"
  # The package lists at hand may be good enough; if not, they are refreshed.
  # shellcheck disable=SC2086
  apt_install $missing || { apt_update && apt_install $missing; } ||
    explain_failure "$missing"
}
