#!/bin/sh
# docs/flags.md is what the table of flags says. Arguments: generator, document.
set -eu
[ $# -eq 2 ] || { echo "usage: flags_doc_test.sh GENERATOR DOCUMENT"; exit 1; }
generated="$TEST_TMPDIR/flags.md"
"$1" > "$generated"
grep -q '^| `redzone` |' "$generated" || { echo "no flags generated"; exit 1; }
if ! diff -u "$2" "$generated"; then
  echo "docs/flags.md is out of date. Renew it:"
  echo "  tools/bazelw run //runtime_flags:flags_markdown > docs/flags.md"
  exit 1
fi
