# Sourced by prepare.sh: fills Bazel's distdir from Debian's source packages.
# The sha256 of each file decides, wherever it came from.

has_sha256() {
  [ -f "$1" ] && [ "$(sha256sum <"$1" | cut -d' ' -f1)" = "$2" ]
}

# The mirrors of this machine's apt, then the one that the caller names: the
# address in front of pool/main.
mirrors() {
  {
    apt-get indextargets --format '$(SITE)' 'Created-By: Packages' \
      2>/dev/null || true
    echo "${DBGALLOC_DEBIAN_MIRROR:-}"
  } | awk 'NF && !seen[$0]++'
}

# apt's own downloader knows apt's proxies and credentials.
download() {
  local url=$1 file=$2
  if [ -x /usr/lib/apt/apt-helper ]; then
    /usr/lib/apt/apt-helper -o Acquire::Retries=2 \
      -o APT::Sandbox::User=root download-file "$url" "$file"
  elif command -v curl >/dev/null; then
    curl -fsSL --retry 2 -o "$file" "$url"
  else
    wget -q -O "$file" "$url"
  fi >"$cache_dir/download.log" 2>&1
}

download_checked() {
  local pool=$1 sha256=$2 file=$3 site
  for site in $(mirrors); do
    rm -f "$file"
    download "$site/pool/main/$pool" "$file" || continue
    has_sha256 "$file" "$sha256" && return 0
    say "$site/pool/main/$pool is not the file that archives.txt pins"
  done
  return 1
}

prepare_archive() {
  local distdir=$1 name=$2 sha256=$3 pool=$4 pool_sha256=$5 commit=$6 time=$7
  local part=$distdir/.$name.part
  has_sha256 "$distdir/$name" "$sha256" && return 0
  download_checked "$pool" "${pool_sha256:-$sha256}" "$part" || {
    cat "$cache_dir/download.log" >&2 2>/dev/null || true
    fail "could not get pool/main/$pool from apt's mirrors or from" \
      "DBGALLOC_DEBIAN_MIRROR (${DBGALLOC_DEBIAN_MIRROR:-not set}); a file" \
      "with sha256 $sha256 put at $distdir/$name by hand will do"
  }
  if [ -n "$pool_sha256" ]; then
    python3 "$setup_dir/rebuild_archive.py" "$part" \
      "abseil-cpp-${name%.tar.gz}/" "$commit" "$time" "$part.made" ||
      fail "rebuild_archive.py could not make $name"
    mv "$part.made" "$part"
    has_sha256 "$part" "$sha256" ||
      fail "rebuild_archive.py made a $name without the pinned sha256"
  fi
  mv "$part" "$distdir/$name"
  rm -f "$part"
}

prepare_archives() {
  local distdir=$1 name sha256 pool pool_sha256 commit time
  mkdir -p "$distdir"
  while read -r name sha256 pool pool_sha256 commit time; do
    prepare_archive "$distdir" "$name" "$sha256" "$pool" "$pool_sha256" \
      "$commit" "$time"
  done < <(grep -v '^#' "$setup_dir/archives.txt")
}
