# Sourced by prepare.sh: writes our block of user.bazelrc, which .bazelrc
# imports. Lines outside the block are the user's and stay.

offline_options() {
  local command name
  for command in build query fetch; do
    echo "$command --distdir=$cache_dir/distdir"
    bazel_is_debians || continue
    echo "$command --experimental_repository_disable_download"
    for name in $repository_names; do
      echo "$command --override_repository=$name=$repositories_dir/$name"
    done
  done
}

our_block() {
  echo "# begin of what tools/bazelw writes"
  echo "# dbgalloc set-up: $prepared_dir"
  [ "$(cat "$prepared_dir/form")" = online ] || offline_options
  echo "# end of what tools/bazelw writes"
}

lines_of_the_user() {
  [ -e "$user_bazelrc" ] || return 0
  sed '/^# begin of what tools\/bazelw writes/,/^# end of what/d' \
    "$user_bazelrc" |
    if [ -n "${DBGALLOC_DISK_CACHE:-}" ]; then
      grep -v '^build --disk_cache=' || true
    else
      cat
    fi
}

write_user_bazelrc() {
  local part=$user_bazelrc.$$
  {
    our_block
    lines_of_the_user
    if [ -n "${DBGALLOC_DISK_CACHE:-}" ]; then
      echo "build --disk_cache=$DBGALLOC_DISK_CACHE"
    fi
  } >"$part" || fail "could not write $part"
  mv "$part" "$user_bazelrc"
}
