#!/usr/bin/env bash
# planted_symbols_test.sh ARCHIVE_SYMBOLS.py ARCHIVE...: the net finds each
# violation planted in those archives, and does not pass for want of input.
set -euo pipefail
net=$1
shift

fail() {
  echo "FAILED: $*"
  exit 1
}

if output=$(python3 "$net" "$@"); then
  fail "the planted archives pass"
fi
echo "$output"
for wanted in "needs malloc" "needs _Znwm" "needs __cxa_throw" \
  "needs __cxa_guard_acquire" "needs __tls_get_addr" "static constructors"; do
  [[ $output == *"$wanted"* ]] || fail "not found: $wanted"
done

excused=$(python3 "$net" --may-throw=planted "$@") || true
[[ $excused != *__cxa_throw* && $excused == *"needs malloc"* ]] ||
  fail "an excuse for throwing excuses more or less: $excused"
excused=$(python3 "$net" --may-throw=nobody "$@") || true
[[ $excused == *"nothing needs the excuse for nobody"* ]] ||
  fail "an excuse that nothing needs passes"

if python3 "$net"; then
  fail "no archive passes"
fi
if python3 "$net" /nonexistent.a 2>/dev/null; then
  fail "an unreadable archive passes"
fi
empty=$TEST_TMPDIR/empty.a
ar rc "$empty"
if python3 "$net" "$empty"; then
  fail "an empty archive passes"
fi
