#!/usr/bin/env bash
# run_<platform> PROGRAM ARGS...: runs a program that was built for another
# processor by qemu's user emulation, anything else as it is. Scripts find this
# runner in DBGALLOC_RUNNER and put it before the programs that they start.
#
#   DBGALLOC_RUNNER_PRELOAD=LIBRARY           LD_PRELOAD for the program alone
#   DBGALLOC_QEMU_CPU=MODEL[,FEATURE=on|off]  the processor to emulate
set -euo pipefail

processor=${0##*/run_}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export DBGALLOC_RUNNER=$here/${0##*/}

# The ELF header's e_machine: 62 is x86-64, 3 is i386; those run as they are.
machine_of() {
  [ "$(head -c 4 "$1" | tr -d '\0')" = $'\x7fELF' ] || return 0
  od -An -tu2 -j18 -N2 "$1" | tr -d ' '
}

case $(machine_of "$(command -v "$1")") in
  "" | 62 | 3) exec "$@" ;;
esac
preload=${DBGALLOC_RUNNER_PRELOAD:-}
unset DBGALLOC_RUNNER_PRELOAD
# A process is named after the file that was executed: in a test, the program.
emulator=$(command -v "qemu-$processor")
if [ -n "${TEST_TMPDIR:-}" ]; then
  names=$(mktemp -d "$TEST_TMPDIR/names.XXXXXX")
  ln -s "$emulator" "$names/${1##*/}"
  emulator=$names/${1##*/}
fi
exec "$emulator" -L "/usr/$processor-linux-gnu" \
  ${DBGALLOC_QEMU_CPU:+-cpu "$DBGALLOC_QEMU_CPU"} \
  ${preload:+-E "LD_PRELOAD=$preload"} "$@"
