#!/usr/bin/env bash
# run_bug.sh ARGS...: run_bug.py, as a shell test.
set -euo pipefail
export PYTHONDONTWRITEBYTECODE=1
exec python3 "$(dirname "$0")/run_bug.py" "$@"
