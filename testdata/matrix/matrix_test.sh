#!/usr/bin/env bash
# matrix_test.sh ARGS...: matrix_test.py, as a shell test.
set -euo pipefail
export PYTHONDONTWRITEBYTECODE=1
here=$(dirname "$0")
export PYTHONPATH="$here/../bugs"
exec python3 "$here/matrix_test.py" "$@"
