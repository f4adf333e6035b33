#!/bin/bash
# symbolize_test.sh TOOL PROGRAM LIBRARY SOURCE: a report without names gets them from
# a folder with the debug file, found by build id.
set -u
tool=$PWD/$1 program=$PWD/$2 library=$3 source=$4
folder=$TEST_TMPDIR/symbols
report=$TEST_TMPDIR/report.txt

fail() {
  echo "FAILED: $*"
  echo "--- report"
  cat "$report"
  echo "--- result"
  cat "$TEST_TMPDIR/result.txt"
  exit 1
}

# The number of the line that has a mark.
line_of() {
  grep -n -- "// <- $1" "$source" | cut -d: -f1
}

symbolize() {
  "$tool" symbolize "$@" >"$TEST_TMPDIR/result.txt" 2>"$TEST_TMPDIR/notes.txt"
}

# The library runs where it will not be found again, and without its names.
mkdir -p "$TEST_TMPDIR/run"
cp "$library" "$TEST_TMPDIR/libplugin.so"
chmod u+w "$TEST_TMPDIR/libplugin.so"
objcopy --strip-all "$TEST_TMPDIR/libplugin.so" \
  "$TEST_TMPDIR/run/libplugin.so"
DBGALLOC_OPTIONS=symbolize=0 "$program" "$TEST_TMPDIR/run/libplugin.so" \
  2>"$report"
rm -r "$TEST_TMPDIR/run"

id=$(readelf -n "$TEST_TMPDIR/libplugin.so" | sed -n 's/.*Build ID: //p')
mkdir -p "$folder/.build-id/${id:0:2}"
objcopy --only-keep-debug "$TEST_TMPDIR/libplugin.so" \
  "$folder/.build-id/${id:0:2}/${id:2}.debug"
rm "$TEST_TMPDIR/libplugin.so"

touch "$TEST_TMPDIR/result.txt"
symbolize --debug_path=/nowhere <"$report" || fail "status"
grep -q "no file for .*libplugin.so with build id $id" \
  "$TEST_TMPDIR/notes.txt" || fail "no note"
grep -q "libplugin.so+0x" "$TEST_TMPDIR/result.txt" || fail "a frame is lost"

symbolize --debug_path="/nowhere:$folder" -- "$report" || fail "status"
grep -Eq "^    #0 0x[0-9a-f]+ in Inner.* $source:$(line_of allocation):[0-9]+$" \
  "$TEST_TMPDIR/result.txt" || fail "no line of the allocation"
grep -Eq "^    #1 0x[0-9a-f]+ in PluginBlock $source:$(line_of inner):[0-9]+$" \
  "$TEST_TMPDIR/result.txt" || fail "no line of its caller"
# The program is where the report says.
grep -Eq '^    #[0-9]+ 0x[0-9a-f]+ in main testdata/stacks/closes_library.cc:' \
  "$TEST_TMPDIR/result.txt" || fail "no line of main"
diff <(grep -v '^    #' "$report") \
  <(grep -v '^    #' "$TEST_TMPDIR/result.txt") || fail "other lines changed"

symbolize -- /nowhere/report
[ $? -eq 2 ] || fail "a report that cannot be read"
echo PASSED
