#!/usr/bin/env bash
# run_python.sh PROGRAM.py ARGS...: a Python program as a shell program.
set -euo pipefail
export PYTHONDONTWRITEBYTECODE=1
exec python3 "$@"
